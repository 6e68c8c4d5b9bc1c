package io.millrace.protocol.message;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.KafkaFrames.Kind;
import io.millrace.protocol.wire.Schema;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The APIs that Kafka does not have, for which there is no oracle: they are read as they were written. */
class OwnMessagesTest {
    private static final int SAMPLES_PER_KIND = 100;

    static Stream<Kind> kinds() {
        return Stream.of(ApiKey.values()).filter(ApiKey::isOwn).flatMap(api -> IntStream.rangeClosed(
                        api.first(), api.last())
                .boxed()
                .flatMap(version -> Stream.of(new Kind(api, true, version), new Kind(api, false, version))));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void messagesAreReadAsTheyWereWritten(Kind kind) {
        long seed = ThreadLocalRandom.current().nextLong();

        for (int i = 0; i < SAMPLES_PER_KIND; i++) {
            // Writing hands the records over: the same seed makes the same message once more, to compare with.
            Message written = sample(kind, new Random(seed + i));
            byte[] frame = MillraceFrames.write(kind, written);
            ByteBuf in = Unpooled.wrappedBuffer(frame);

            Message read = MillraceFrames.read(kind, in);

            assertThat(read).as("seed %d", seed + i).isEqualTo(sample(kind, new Random(seed + i)));
            assertThat(read.apiKey()).isEqualTo(kind.api());
            assertThat(in.isReadable()).isFalse();
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void refusalsSayTheErrorAndCanBeWritten(Kind kind) {
        long seed = ThreadLocalRandom.current().nextLong();
        var request = (Request) sample(new Kind(kind.api(), true, kind.version()), new Random(seed));

        Response refusal = request.errorResponse(ErrorCode.STALE_BROKER_EPOCH);

        byte[] frame = MillraceFrames.write(new Kind(kind.api(), false, kind.version()), refusal);
        assertThat(refusal.apiKey()).isEqualTo(kind.api());
        assertThat(refusal.toString()).as("seed %d", seed).contains("errorCode=STALE_BROKER_EPOCH");
        assertThat(frame).isNotEmpty();
    }

    static Message sample(Kind kind, Random random) {
        Schema<? extends Record> schema =
                kind.request() ? kind.api().requestSchema() : kind.api().responseSchema();
        return new RandomMessages(random).message(schema, kind.version());
    }
}
