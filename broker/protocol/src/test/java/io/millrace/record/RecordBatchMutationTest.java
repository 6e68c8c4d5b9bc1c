package io.millrace.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecordBatchMutationTest {

    private static final int MUTATIONS = 60_000;
    private static final int UNPACKED_MAX = 64 * 1024;

    /** Buffers of the decompressors, an exception with its stack trace, the records that were read. */
    private static final long ALLOCATION_FIXED_BYTES = 128 << 10;

    /** The array that is unpacked to grows by doubling, so that all of them together are twice the last. */
    private static final long ALLOCATION_MAX = 2L * UNPACKED_MAX + ALLOCATION_FIXED_BYTES;

    private static final int READINGS_MAX = 4;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    @ParameterizedTest
    @EnumSource(Compression.class)
    void aMutatedBatchIsReadOrRefusedAndNothingElse(Compression codec) {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Record> records = RecordSamples.variety(1).subList(0, 5);
        ByteBuf whole = RecordSamples.batch(codec, records);
        byte[] bytes = new byte[whole.readableBytes()];
        whole.readBytes(bytes);
        whole.release();

        int refused = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            refused += isRefused(mutate(bytes, random), seed, i) ? 1 : 0;
        }

        assertThat(refused).as("of %d mutations, seed %d", MUTATIONS, seed).isGreaterThan(MUTATIONS / 10);
    }

    private static byte[] mutate(byte[] bytes, Random random) {
        byte[] copy = bytes.clone();
        int changes = 1 + random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            int at = random.nextInt(copy.length);
            copy[at] = switch (random.nextInt(4)) {
                case 0 -> (byte) 0xFF;
                case 1 -> (byte) 0x7F;
                case 2 -> (byte) (copy[at] ^ (1 << random.nextInt(8)));
                default -> (byte) random.nextInt();
            };
        }
        return random.nextInt(8) == 0 ? java.util.Arrays.copyOf(copy, random.nextInt(copy.length + 1)) : copy;
    }

    private static boolean isRefused(byte[] mutated, long seed, int round) {
        boolean isReadRefused = isRefused(mutated, seed, round, RecordBatchMutationTest::read);
        boolean isCheckRefused = isRefused(
                mutated, seed, round, batch -> batch.records(UNPACKED_MAX).verifyRest(false));
        return isReadRefused || isCheckRefused;
    }

    private static void read(RecordBatch batch) throws InvalidRecordException {
        RecordIterator records = batch.records(UNPACKED_MAX);
        while (records.hasNext()) {
            records.next();
        }
    }

    /** One way to walk over the records of a batch. */
    private interface Walk {
        void over(RecordBatch batch) throws InvalidRecordException;
    }

    private static boolean isRefused(byte[] mutated, long seed, int round, Walk walk) {
        long allocated = Long.MAX_VALUE;
        boolean refused = false;
        // What is compiled or pooled on the way is allocated too, but only once.
        for (int i = 0; i < READINGS_MAX && allocated > ALLOCATION_MAX; i++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            refused = isRefusedOnce(mutated, seed, round, walk);
            allocated = THREADS.getCurrentThreadAllocatedBytes() - before;
        }
        assertThat(allocated)
                .as("Seed %d, mutation %d: bytes allocated for %d", seed, round, mutated.length)
                .isLessThanOrEqualTo(ALLOCATION_MAX);
        return refused;
    }

    @SuppressWarnings("checkstyle:IllegalCatch") // any other exception is what this test looks for
    private static boolean isRefusedOnce(byte[] mutated, long seed, int round, Walk walk) {
        try {
            RecordBatches batches = RecordBatches.in(Unpooled.wrappedBuffer(mutated));
            while (batches.hasNext()) {
                RecordBatch batch = batches.next();
                batch.hasValidChecksum();
                walk.over(batch);
            }
            return false;
        } catch (InvalidRecordException expected) {
            return true;
        } catch (RuntimeException | Error e) {
            throw new AssertionError("Seed " + seed + ", mutation " + round, e);
        }
    }
}
