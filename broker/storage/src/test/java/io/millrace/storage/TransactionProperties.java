package io.millrace.storage;

import static io.millrace.storage.LogSamples.append;
import static io.millrace.storage.LogSamples.appended;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.record.Compression;
import io.millrace.record.EndTransactionMarker;
import io.millrace.record.RecordBatchBuilder;
import io.millrace.storage.compaction.AbortedTransaction;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Random transactions, restarts and truncations against a model that keeps a list of batches. */
class TransactionProperties {
    private static final Path DIRECTORY = Path.of("/logs/orders-0");
    private static final LogConfiguration RULES =
            LogConfiguration.DEFAULT.withFlushPolicy(FlushPolicy.OS).withSegmentBytes(700);
    private static final ByteBufAllocator ON_HEAP = new UnpooledByteBufAllocator(false);
    private static final int STEPS = 60;

    /** A batch in the log. */
    private record Written(long offset, long producerId, boolean isMarker, boolean isCommit) {}

    @Property(tries = 200)
    void theLogKnowsItsTransactions(@ForAll long seed) {
        var history = new History(new Random(seed));
        for (int i = 0; i < STEPS; i++) {
            history.step();
            history.check();
        }
    }

    private static final class History {
        private final Random random;
        private final InMemoryDisk disk = new InMemoryDisk();
        private final ManualTime clock = new ManualTime(10_000);
        private final List<Written> model = new ArrayList<>();
        private PartitionLog log;

        History(Random random) {
            this.random = random;
            this.log = open();
        }

        private PartitionLog open() {
            return PartitionLog.open(disk, DIRECTORY, RULES, clock);
        }

        void step() {
            switch (random.nextInt(12)) {
                case 0 -> append(log, 0, "plain");
                case 1 -> restart();
                case 2 -> truncate();
                case 3, 4 ->
                    log.updateHighWatermark(
                            log.highWatermark() + random.nextInt((int) (log.logEndOffset() - log.highWatermark()) + 1));
                case 5, 6, 7 -> end(1 + random.nextInt(3), random.nextBoolean());
                default -> write(1 + random.nextInt(3));
            }
        }

        private void write(long producerId) {
            try (var builder = new RecordBatchBuilder(ON_HEAP, Compression.NONE, Integer.MAX_VALUE)) {
                builder.tryAppend(1000, null, Unpooled.copiedBuffer("value", StandardCharsets.UTF_8), List.of());
                ByteBuf batch = builder.build(producerId, (short) 0, -1, true);
                model.add(new Written(appended(log, 0, batch).baseOffset(), producerId, false, false));
            }
        }

        private void end(long producerId, boolean isCommit) {
            ByteBuf marker = new EndTransactionMarker(isCommit, 1).toBatch(ON_HEAP, 1000, producerId, (short) 0);
            model.add(new Written(appended(log, 0, marker).baseOffset(), producerId, true, isCommit));
        }

        private void restart() {
            if (random.nextBoolean()) {
                log.close();
            } else {
                log.checkpoint();
                log.abandon();
            }
            log = open();
        }

        private void truncate() {
            long to = log.highWatermark() + random.nextInt((int) (log.logEndOffset() - log.highWatermark()) + 1);
            log.truncateTo(to);
            model.removeIf(written -> written.offset() >= to);
        }

        void check() {
            List<AbortedTransaction> aborted = new ArrayList<>();
            long firstUnstable = Long.MAX_VALUE;
            for (long producerId = 1; producerId <= 3; producerId++) {
                long start = -1;
                for (Written written : model) {
                    if (written.producerId() != producerId) {
                        continue;
                    }
                    if (!written.isMarker()) {
                        start = start < 0 ? written.offset() : start;
                        continue;
                    }
                    if (start >= 0 && written.offset() >= log.highWatermark()) {
                        firstUnstable = Math.min(firstUnstable, start);
                    }
                    if (start >= 0 && !written.isCommit()) {
                        aborted.add(new AbortedTransaction(producerId, start, written.offset()));
                    }
                    start = -1;
                }
                firstUnstable = start < 0 ? firstUnstable : Math.min(firstUnstable, start);
            }
            long lastStable = Math.min(firstUnstable, log.highWatermark());
            assertThat(log.transactions().lastStableOffset()).isEqualTo(lastStable);
            assertThat(log.transactions().abortedIn(0, Long.MAX_VALUE)).containsExactlyInAnyOrderElementsOf(aborted);
            checkRange(aborted);
        }

        /** Only what a reader needs is promised: all that have records below the range's end and a marker in or behind it. */
        private void checkRange(List<AbortedTransaction> aborted) {
            long from = random.nextInt((int) log.logEndOffset() + 1);
            long to = from + random.nextInt((int) (log.logEndOffset() - from) + 1);
            assertThat(log.transactions().abortedIn(from, to))
                    .containsExactlyInAnyOrderElementsOf(aborted.stream()
                            .filter(transaction -> transaction.markerOffset() >= from && transaction.firstOffset() < to)
                            .toList());
        }
    }
}
