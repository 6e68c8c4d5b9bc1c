package io.millrace.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Readers on their own threads while the owner appends, truncates, deletes and flushes. */
class ConcurrentReadTest {

    private static final int READERS = 3;
    private static final int CHANGES = 5_000;

    @TempDir
    Path directory;

    @Test
    void readersSeeWholeBatchesInOrderWhateverTheOwnerDoes() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        LogConfiguration small =
                LogConfiguration.DEFAULT.withSegmentBytes(20_000).withIndex(500, 1024 * 1024);
        AtomicBoolean done = new AtomicBoolean();
        AtomicLong recordsRead = new AtomicLong();
        ExecutorService readers = Executors.newFixedThreadPool(READERS + 1);
        try (PartitionLog log = PartitionLog.open(new FileDisk(), directory, small, InstantSource.system())) {
            List<Future<?>> results = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                Random own = new Random(seed + i);
                results.add(readers.submit(() -> {
                    while (!done.get()) {
                        recordsRead.addAndGet(readSomething(log, own));
                    }
                    return null;
                }));
            }
            results.add(readers.submit(() -> {
                while (!done.get()) {
                    log.flush();
                    log.checkpoint();
                }
            }));

            for (int i = 0; i < CHANGES; i++) {
                change(log, random);
            }
            done.set(true);

            for (Future<?> result : results) {
                result.get(30, TimeUnit.SECONDS);
            }
            assertThat(recordsRead.get()).as("seed %d", seed).isPositive();
        } finally {
            done.set(true);
            readers.shutdownNow();
        }
    }

    private static void change(PartitionLog log, Random random) {
        int what = random.nextInt(1000);
        if (what < 970) {
            long base = log.logEndOffset();
            LogSamples.append(log, 0, "value-" + base, "value-" + (base + 1), "value-" + (base + 2));
        } else if (what < 990) {
            log.truncateTo(Math.max(log.logStartOffset(), log.logEndOffset() - random.nextInt(300)));
        } else if (what < 999) {
            log.updateHighWatermark(log.logEndOffset());
            log.advanceLogStartOffset(Math.max(log.logStartOffset(), log.logEndOffset() - 2000));
        } else {
            log.truncateFullyAndStartAt(log.logEndOffset() + random.nextInt(10) * 3L);
        }
    }

    /** Every record of this log says its own offset. */
    private static int readSomething(PartitionLog log, Random random) {
        long start = log.logStartOffset();
        long offset = start + random.nextInt((int) Math.max(1, log.logEndOffset() - start + 1));
        try (LogSlice slice = log.read(offset, random.nextInt(4000), Long.MAX_VALUE, true)) {
            ByteBuf bytes = slice.toByteBuf(ByteBufAllocator.DEFAULT);
            try {
                List<String> values = new ArrayList<>();
                LogSamples.addValues(bytes, 0, values);
                for (String value : values) {
                    int colon = value.indexOf(':');
                    assertThat(value.substring(colon + 1)).isEqualTo("value-" + value.substring(0, colon));
                }
                return values.size();
            } finally {
                bytes.release();
            }
        } catch (OffsetOutOfRangeException moved) {
            return 0;
        }
    }
}
