package io.millrace.protocol.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import io.millrace.protocol.message.KafkaFrames.Kind;
import io.millrace.protocol.wire.MalformedMessageException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A frame that was bent in transit, or by an attacker, is read or refused, and never costs more than it has bytes. */
class MutatedFramesTest {
    private static final int FRAMES_PER_KIND = 1_000; // of some 320 kinds
    private static final int MUTATIONS_PER_SAMPLE = 50;

    /** Behind length, API and version: these are left alone, or the codecs of another version would be compiled. */
    private static final int HEADER_START = 8;

    /** Behind the header of a request. */
    private static final int REQUEST_BODY_START = 22;

    /** An exception with its stack trace, and what the list in work had set aside. */
    private static final long ALLOCATION_FIXED_BYTES = 64 << 10;

    /** A byte on the wire may be an empty string in a structure in a list: objects and references. */
    private static final long ALLOCATION_PER_FRAME_BYTE = 64;

    private static final int READINGS_MAX = 4;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static Stream<Kind> kinds() {
        return Stream.concat(FrameConformanceTest.kinds(), OwnMessagesTest.kinds());
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aMutatedFrameIsReadOrRefused(Kind kind) {
        long seed = ThreadLocalRandom.current().nextLong();
        var random = new Random(seed);
        int refused = 0;

        for (int i = 0; i < FRAMES_PER_KIND; i += MUTATIONS_PER_SAMPLE) {
            byte[] sample = sample(kind, random);
            for (int k = 0; k < MUTATIONS_PER_SAMPLE; k++) {
                byte[] frame = mutated(kind, sample, random);
                refused += isRefused(kind, frame, "seed " + seed) ? 1 : 0;
            }
        }

        assertThat(refused).as("refused of %d, seed %d", FRAMES_PER_KIND, seed).isPositive();
    }

    private static byte[] sample(Kind kind, Random random) {
        return kind.api().isOwn()
                ? MillraceFrames.write(kind, OwnMessagesTest.sample(kind, random))
                : KafkaFrames.write(kind, new KafkaSamples(random).message(kind.api(), kind.request(), kind.version()));
    }

    private static byte[] mutated(Kind kind, byte[] sample, Random random) {
        byte[] frame = sample.clone();
        int first = kind.request() && random.nextInt(4) > 0 ? REQUEST_BODY_START : HEADER_START;
        for (int flips = random.nextInt(4); flips >= 0 && first < frame.length; flips--) {
            frame[first + random.nextInt(frame.length - first)] = random.nextBoolean()
                    ? (byte) random.nextInt()
                    : List.of((byte) 0, (byte) -1, (byte) 0x7f, (byte) 0x80).get(random.nextInt(4));
        }
        return random.nextInt(3) == 0 ? Arrays.copyOf(frame, Integer.BYTES + random.nextInt(frame.length - 3)) : frame;
    }

    private static boolean isRefused(Kind kind, byte[] frame, String what) {
        long allocationMax = ALLOCATION_FIXED_BYTES + ALLOCATION_PER_FRAME_BYTE * frame.length;
        long allocated = Long.MAX_VALUE;
        boolean refused = false;
        // What is compiled on the way is allocated too, but only once.
        for (int i = 0; i < READINGS_MAX && allocated > allocationMax; i++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            refused = isRefusedOnce(kind, frame, what);
            allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        }
        assertThat(allocated)
                .as(
                        "%s of %s, bytes allocated for %d: %s",
                        what, kind, frame.length, HexFormat.of().formatHex(frame))
                .isLessThanOrEqualTo(allocationMax);
        return refused;
    }

    private static boolean isRefusedOnce(Kind kind, byte[] frame, String what) {
        try {
            readBody(kind, Unpooled.wrappedBuffer(frame));
            return false;
        } catch (MalformedMessageException e) {
            return true;
        } catch (RuntimeException e) {
            return fail("%s of %s: %s".formatted(what, kind, HexFormat.of().formatHex(frame)), e);
        }
    }

    private static void readBody(Kind kind, ByteBuf in) {
        in.skipBytes(Integer.BYTES);
        if (!kind.request()) {
            ResponseHeader.read(in, kind.api(), kind.version());
            kind.api().readResponse(in, kind.version());
            return;
        }
        RequestHeader header = RequestHeader.read(in);
        kind.api().readRequest(in, header.apiVersion());
    }

    /** Those with record batches, which are slices of the frame, and other versions with another layout. */
    private static Stream<Kind> kindsWithRecords() {
        return Stream.of(
                new Kind(ApiKey.PRODUCE, true, 9),
                new Kind(ApiKey.FETCH, false, 4),
                new Kind(ApiKey.FETCH, false, ApiKey.FETCH.last()),
                new Kind(ApiKey.REPLICA_FETCH, true, ApiKey.REPLICA_FETCH.last()),
                new Kind(ApiKey.REPLICA_FETCH, false, ApiKey.REPLICA_FETCH.last()),
                new Kind(ApiKey.QUEUE_FETCH, false, ApiKey.QUEUE_FETCH.last()));
    }

    @ParameterizedTest
    @MethodSource("kindsWithRecords")
    void aRefusedFrameIsStillTheReadersToRelease(Kind kind) {
        var random = new Random(1);
        byte[] sample = sample(kind, random);

        for (int i = 0; i < 1_000; i++) {
            ByteBuf frame = PooledByteBufAllocator.DEFAULT.directBuffer().writeBytes(mutated(kind, sample, random));
            try {
                readBody(kind, frame);
            } catch (MalformedMessageException ignored) {
                // Refused or read: neither may touch the reference count.
            }
            assertThat(frame.refCnt()).isOne();
            frame.release();
        }
    }

    @Test
    void aCountThatTheFrameCannotHoldAllocatesNothing() {
        // A Fetch request of version 4 that claims as many topics as there are bytes left, a megabyte of zeros: each
        // topic takes at least a name of two bytes and a count of four, so the claim is refused before any is read.
        int left = 1 << 20;
        ByteBuf frame = Unpooled.buffer();
        frame.writeInt(-1)
                .writeInt(500)
                .writeInt(1)
                .writeInt(1)
                .writeByte(0)
                .writeInt(left)
                .writeZero(left);
        ByteBuf first = frame.copy();
        isRefusedBy(() -> ApiKey.FETCH.readRequest(first, 4));
        long before = THREADS.getCurrentThreadAllocatedBytes();

        boolean refused = isRefusedBy(() -> ApiKey.FETCH.readRequest(frame, 4));

        assertThat(refused).isTrue();
        assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(ALLOCATION_FIXED_BYTES);
    }

    @Test
    void aFrameOfTheSmallestElementsCostsABoundedMultipleOfItself() {
        // CreateTopics of version 7: one topic with as many configurations as three bytes each allow, which are an
        // empty
        // name, a null value and no tagged fields.
        int configs = 300_000;
        ByteBuf frame = Unpooled.buffer();
        frame.writeByte(2).writeByte(1).writeInt(1).writeShort(1).writeByte(1);
        writeVarint(frame, configs + 1);
        for (int i = 0; i < configs; i++) {
            frame.writeByte(1).writeByte(0).writeByte(0);
        }
        frame.writeByte(0).writeInt(1_000).writeBoolean(false).writeByte(0);
        int length = frame.readableBytes();
        long before = THREADS.getCurrentThreadAllocatedBytes();

        var request = (CreateTopicsRequest) ApiKey.CREATE_TOPICS.readRequest(frame, 7);

        assertThat(THREADS.getCurrentThreadAllocatedBytes() - before)
                .isLessThan(ALLOCATION_FIXED_BYTES + ALLOCATION_PER_FRAME_BYTE * length);
        assertThat(request.topics().get(0).configs()).hasSize(configs);
    }

    private static void writeVarint(ByteBuf out, int value) {
        int rest = value;
        for (; rest > 0x7f; rest >>>= 7) {
            out.writeByte((rest & 0x7f) | 0x80);
        }
        out.writeByte(rest);
    }

    private static boolean isRefusedBy(Runnable reading) {
        try {
            reading.run();
            return false;
        } catch (MalformedMessageException e) {
            return true;
        }
    }
}
