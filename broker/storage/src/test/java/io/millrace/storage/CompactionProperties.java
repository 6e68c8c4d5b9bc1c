package io.millrace.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.record.RecordBatch;
import io.millrace.storage.compaction.CompactionConfiguration;
import io.millrace.storage.compaction.OffsetMap;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** A compacted log beside a table that does the same, through any sequence of appends, cleanings, restarts and truncations. */
class CompactionProperties {

    private static final Path DIRECTORY = Path.of("/logs/any-0");
    private static final int KEYS = 8;
    private static final int PRODUCERS = 3;
    private static final long DELETE_RETENTION_MS = 500;
    private static final LogConfiguration SMALL = LogConfiguration.DEFAULT
            .withSegmentBytes(500)
            .withIndex(100, 1024)
            .withProducers(Long.MAX_VALUE, 10_000)
            .withRetention(LogConfiguration.UNLIMITED, LogConfiguration.UNLIMITED)
            .withCompaction(new CompactionConfiguration(true, 0, 0, Long.MAX_VALUE, DELETE_RETENTION_MS));

    record Step(Action action, int number) {}

    enum Action {
        PUT,
        PUT_SEVERAL,
        DELETE_KEY,
        PUT_BY_PRODUCER,
        COMMIT,
        CLEAN,
        CLEAN_WITH_SMALL_MAP,
        CRASH_WHILE_CLEANING,
        TRUNCATE,
        PASS_TIME,
        ROLL,
        REOPEN,
        KILL
    }

    @Property(tries = 300)
    void theLastValueOfEachKeyIsThatOfATable(@ForAll("steps") List<Step> steps) {
        Model model = new Model();
        for (Step step : steps) {
            model.run(step);
            model.check();
        }
        model.log.close();
        assertThat(model.disk.openFiles()).isZero();
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Action> actions = Arbitraries.frequency(
                Tuple.of(20, Action.PUT),
                Tuple.of(8, Action.PUT_SEVERAL),
                Tuple.of(6, Action.DELETE_KEY),
                Tuple.of(8, Action.PUT_BY_PRODUCER),
                Tuple.of(8, Action.COMMIT),
                Tuple.of(6, Action.CLEAN),
                Tuple.of(2, Action.CLEAN_WITH_SMALL_MAP),
                Tuple.of(2, Action.CRASH_WHILE_CLEANING),
                Tuple.of(3, Action.TRUNCATE),
                Tuple.of(3, Action.PASS_TIME),
                Tuple.of(2, Action.ROLL),
                Tuple.of(2, Action.REOPEN),
                Tuple.of(2, Action.KILL));
        return Combinators.combine(actions, Arbitraries.integers().between(0, 1000))
                .as(Step::new)
                .list()
                .ofMinSize(5)
                .ofMaxSize(120);
    }

    /** One record as it was appended; the producer is -1 where there is none. */
    private record Written(long offset, String key, String value, long producerId, int sequence) {}

    private static final class Model {
        private final InMemoryDisk disk = new InMemoryDisk();
        private final ManualTime clock = new ManualTime(10_000);
        private final List<Written> history = new ArrayList<>();
        private PartitionLog log = open();
        private long committed;
        private int counter;

        private PartitionLog open() {
            return PartitionLog.open(disk, DIRECTORY, SMALL, clock);
        }

        private void run(Step step) {
            int number = step.number();
            switch (step.action()) {
                case PUT -> put(1, number);
                case PUT_SEVERAL -> put(1 + number % 5, number);
                case DELETE_KEY -> append(List.of(key(number)), -1);
                case PUT_BY_PRODUCER -> append(List.of(entry(number)), number % PRODUCERS);
                case COMMIT -> commit();
                case CLEAN -> clean(1 << 20);
                case CLEAN_WITH_SMALL_MAP -> clean(10 * OffsetMap.SLOT_BYTES);
                case CRASH_WHILE_CLEANING -> crashWhileCleaning(number % 40);
                case TRUNCATE -> truncate(committed + number % (log.logEndOffset() - committed + 1));
                case PASS_TIME -> clock.advance(number);
                case ROLL -> roll();
                case REOPEN -> {
                    log.close();
                    log = open();
                }
                default -> {
                    log.checkpoint();
                    disk.killProcess();
                    log = open();
                }
            }
        }

        private static String key(int number) {
            return "k" + number % KEYS;
        }

        private String entry(int number) {
            return key(number) + "=" + counter++;
        }

        private void put(int count, int number) {
            List<String> records = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                records.add(entry(number + i * 3));
            }
            append(records, -1);
        }

        private void append(List<String> records, long producerId) {
            String[] all = records.toArray(String[]::new);
            int sequence = (int) history.stream()
                    .filter(written -> written.producerId() == producerId)
                    .count();
            long base = producerId < 0
                    ? KeyedSamples.put(log, all)
                    : LogSamples.appended(log, 0, KeyedSamples.ofProducer(producerId, 0, sequence, all))
                            .baseOffset();
            for (int i = 0; i < all.length; i++) {
                int equals = all[i].indexOf('=');
                history.add(new Written(
                        base + i,
                        equals < 0 ? all[i] : all[i].substring(0, equals),
                        equals < 0 ? null : all[i].substring(equals + 1),
                        producerId,
                        sequence + i));
            }
        }

        private void commit() {
            log.updateHighWatermark(log.logEndOffset());
            committed = log.logEndOffset();
        }

        private void roll() {
            clock.advance(LogConfiguration.DEFAULT.segmentMs());
            log.deleteOldSegments();
        }

        private void clean(long mapBytes) {
            var configuration = new CleanerConfiguration(mapBytes, Double.MAX_VALUE, 1);
            var logs = List.of(new CleanableLog("any-0", log, Runnable::run));
            new LogCleaner(configuration, () -> logs, clock).cleanOne();
        }

        private void crashWhileCleaning(int survive) {
            log.checkpoint();
            int[] left = {survive};
            disk.failWhen((operation, path) -> operation != InMemoryDisk.Operation.READ && left[0]-- <= 0);
            clean(1 << 20);
            disk.heal();
            disk.killProcess();
            log = open();
        }

        private void truncate(long offset) {
            log.truncateTo(offset);
            history.removeIf(written -> written.offset() >= log.logEndOffset());
        }

        private void check() {
            Map<String, String> table = new LinkedHashMap<>();
            Map<Long, Integer> sequences = new HashMap<>();
            for (Written written : history) {
                if (written.value() == null) {
                    table.remove(written.key());
                } else {
                    table.put(written.key(), written.value());
                }
                sequences.put(written.producerId(), written.sequence());
            }
            assertThat(KeyedSamples.table(log)).isEqualTo(table);
            assertThat(log.logStartOffset()).isZero();
            checkBatches();
            sequences.remove(-1L);
            sequences.forEach((producerId, sequence) -> assertThat(expectedBy(producerId, sequence))
                    .isInstanceOf(AppendOutcome.OutOfOrderSequence.class)
                    .extracting(outcome -> ((AppendOutcome.OutOfOrderSequence) outcome).expected())
                    .isEqualTo(sequence + 1));
        }

        /** A batch that skips a sequence is refused with the one that the log expects. */
        private AppendOutcome expectedBy(long producerId, int sequence) {
            return LogSamples.outcomeOf(log, 0, KeyedSamples.ofProducer(producerId, 0, sequence + 7, "x=1"));
        }

        private void checkBatches() {
            long next = 0;
            for (RecordBatch batch : KeyedSamples.batches(log)) {
                assertThat(batch.baseOffset()).isGreaterThanOrEqualTo(next);
                next = batch.nextOffset();
            }
            assertThat(next).isEqualTo(log.logEndOffset());
        }
    }
}
