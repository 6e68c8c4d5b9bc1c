package io.millrace.protocol.message;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.message.KafkaFrames.Kind;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.common.protocol.ApiMessage;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Frames against those of kafka-clients, byte for byte, in every version and both directions. */
class FrameConformanceTest {
    private static final int SAMPLES_PER_VERSION = 30;

    static Stream<Kind> kinds() {
        return Stream.of(ApiKey.values()).filter(api -> !api.isOwn()).flatMap(api -> IntStream.rangeClosed(
                        api.first(), api.last())
                .boxed()
                .flatMap(version -> Stream.of(new Kind(api, true, version), new Kind(api, false, version))));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void framesAreByteForByteThoseOfKafka(Kind kind) {
        long seed = System.nanoTime();
        var samples = new KafkaSamples(new Random(seed));

        for (int i = 0; i < SAMPLES_PER_VERSION; i++) {
            ApiMessage theirs = samples.message(kind.api(), kind.request(), kind.version());
            String what = "sample " + i + " of seed " + seed + ": " + theirs;
            byte[] theirFrame = KafkaFrames.write(kind, theirs);
            ByteBuf frame = Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(theirFrame)); // records are slices of it

            Message ours = MillraceFrames.read(kind, frame);
            byte[] ourFrame = MillraceFrames.write(kind, ours);

            assertThat(frame.readableBytes()).as("bytes left unread, %s", what).isZero();
            assertThat(ourFrame).as(what).isEqualTo(theirFrame);
            assertThat(KafkaFrames.read(kind, ourFrame)).as(what).isEqualTo(theirs);
            assertThat(ours.apiKey()).isEqualTo(kind.api());
        }
    }
}
