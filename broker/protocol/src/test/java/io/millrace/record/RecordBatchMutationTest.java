package io.millrace.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RecordBatchMutationTest {

    private static final int MUTATIONS = 60_000;
    private static final int UNPACKED_MAX = 64 * 1024;

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
            ByteBuf mutated = Unpooled.wrappedBuffer(mutate(bytes, random));
            refused += isRefused(mutated, seed, i) ? 1 : 0;
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

    @SuppressWarnings("checkstyle:IllegalCatch") // any other exception is what this test looks for
    private static boolean isRefused(ByteBuf mutated, long seed, int round) {
        try {
            RecordBatches batches = RecordBatches.in(mutated);
            while (batches.hasNext()) {
                RecordBatch batch = batches.next();
                batch.hasValidChecksum();
                RecordIterator records = batch.records(UNPACKED_MAX);
                while (records.hasNext()) {
                    records.next();
                }
                batch.records(UNPACKED_MAX).verifyRest(false);
            }
            return false;
        } catch (InvalidRecordException expected) {
            return true;
        } catch (RuntimeException | Error e) {
            throw new AssertionError("Seed " + seed + ", mutation " + round, e);
        }
    }
}
