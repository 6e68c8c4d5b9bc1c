package io.millrace.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.netty.buffer.ByteBuf;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/** Logs that share a journal, beside lists that do the same, through changes, lost processes and lost power. */
class JournalProperties {

    private static final Path ROOT = Path.of("/logs");
    private static final Path JOURNAL = ROOT.resolve("journal");
    private static final int LOGS = 3;
    private static final JournalConfiguration SMALL = new JournalConfiguration(3000, 3, 400, 1500);
    private static final LogConfiguration JOURNALED = LogConfiguration.DEFAULT
            .withSegmentBytes(900)
            .withIndex(100, 1024)
            .withRetention(LogConfiguration.UNLIMITED, 3000)
            .withFlushPolicy(FlushPolicy.JOURNAL);

    /** What to do next, to which log, with a number that says how much. */
    record Step(Action action, int log, int number) {}

    enum Action {
        APPEND,
        APPEND_LARGE,
        APPEND_SEVERAL_AS_FOLLOWER,
        TRUNCATE,
        START_OVER,
        RAISE_HIGH_WATERMARK,
        ADVANCE_START,
        RETAIN,
        FLUSH,
        CHECKPOINT,
        RUN_ROUND,
        RUN_ALL,
        SWITCH_POLICY,
        CREATE_ANEW,
        FILL_DISK,
        MAKE_ROOM,
        REOPEN,
        KILL,
        LOSE_POWER,
        LOSE_POWER_AMONG_PAGES
    }

    @Property(tries = 400)
    void whatIsDurableIsThereAfterwards(@ForAll("steps") List<Step> steps) throws Exception {
        Model model = new Model();
        for (Step step : steps) {
            model.run(step);
        }
        model.reopen();
        model.close();
        assertThat(model.disk.openFiles()).isZero();
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Action> actions = Arbitraries.frequency(
                Tuple.of(20, Action.APPEND),
                Tuple.of(5, Action.APPEND_LARGE),
                Tuple.of(6, Action.APPEND_SEVERAL_AS_FOLLOWER),
                Tuple.of(4, Action.TRUNCATE),
                Tuple.of(1, Action.START_OVER),
                Tuple.of(5, Action.RAISE_HIGH_WATERMARK),
                Tuple.of(2, Action.ADVANCE_START),
                Tuple.of(2, Action.RETAIN),
                Tuple.of(2, Action.FLUSH),
                Tuple.of(3, Action.CHECKPOINT),
                Tuple.of(12, Action.RUN_ROUND),
                Tuple.of(6, Action.RUN_ALL),
                Tuple.of(1, Action.SWITCH_POLICY),
                Tuple.of(1, Action.CREATE_ANEW),
                Tuple.of(1, Action.FILL_DISK),
                Tuple.of(2, Action.MAKE_ROOM),
                Tuple.of(1, Action.REOPEN),
                Tuple.of(2, Action.KILL),
                Tuple.of(2, Action.LOSE_POWER),
                Tuple.of(3, Action.LOSE_POWER_AMONG_PAGES));
        Arbitrary<Integer> logs = Arbitraries.integers().between(0, LOGS - 1);
        Arbitrary<Integer> numbers = Arbitraries.integers().between(0, 1000);
        return Combinators.combine(actions, logs, numbers)
                .as(Step::new)
                .list()
                .ofMinSize(5)
                .ofMaxSize(150);
    }

    /** A log, and what should be in it: "offset:value". */
    private static final class Journaled {
        private final LogId id;
        private PartitionLog log;
        private FlushPolicy policy = FlushPolicy.JOURNAL;
        private List<String> entries = new ArrayList<>();
        private int epoch;
        /** What must be there at least after a change that failed. */
        private long promised = Long.MAX_VALUE;

        Journaled(int number) {
            id = new LogId(new UUID(0, number), 0, LogId.Kind.DATA);
        }
    }

    private static final class Model {
        private final InMemoryDisk disk = new InMemoryDisk();
        private final ManualTime clock = new ManualTime(10_000);
        private final Deque<Runnable> tasks = new ArrayDeque<>();
        private final List<Journaled> logs = new ArrayList<>();
        private Journal journal;
        private LogDirectories directories;
        private int counter;
        /** Whether logs may have failed for want of room. */
        private boolean wasFull;

        Model() {
            for (int number = 0; number < LOGS; number++) {
                logs.add(new Journaled(number));
            }
            open();
        }

        private void open() {
            makeRoom();
            wasFull = false;
            directories = LogDirectories.open(
                    disk,
                    new LogDirectoriesConfiguration(List.of(ROOT), LogDirectory.NO_RESERVE, 1),
                    new LogDirectory.Identity("cluster", 1),
                    clock);
            JournalContents contents = JournalContents.read(disk, JOURNAL);
            tasks.clear();
            journal = Journal.open(disk, JOURNAL, SMALL, contents, tasks::add, tasks::add);
            directories.use(journal, contents);
            directories.recover(this::configurationOf);
            for (Journaled each : logs) {
                each.log = openOrRepair(each);
            }
        }

        /** Only a log that nobody but the operating system kept may be damaged by the loss of power. */
        private PartitionLog openOrRepair(Journaled each) {
            try {
                return directories.create(each.id, "any", configurationOf(each.id));
            } catch (CorruptLogException e) {
                if (each.policy == FlushPolicy.JOURNAL) {
                    throw e;
                }
                return directories.reopen(each.id, true, configurationOf(each.id));
            }
        }

        private LogConfiguration configurationOf(LogId id) {
            return logs.stream()
                    .filter(each -> each.id.equals(id))
                    .findFirst()
                    .map(each -> JOURNALED.withFlushPolicy(each.policy))
                    .orElseThrow();
        }

        private void run(Step step) throws Exception {
            try {
                change(step);
            } catch (StorageException e) {
                if (!wasFull) {
                    throw e;
                }
                onFailure(step);
            }
        }

        /** A log that was half changed is opened again; an append that found no room left nothing. */
        private void onFailure(Step step) {
            Journaled each = logs.get(step.log());
            makeRoom();
            boolean mayHaveNothing = step.action() == Action.START_OVER || step.action() == Action.CREATE_ANEW;
            long promised = mayHaveNothing ? 0 : each.log.highWatermark();
            if (mayHaveNothing || step.number() % 3 == 0) {
                each.promised = promised;
                lose(disk::killProcess, true);
            } else {
                long start = each.log.logStartOffset();
                each.log = directories.reopen(each.id, false, configurationOf(each.id));
                checkAfterLoss(each, start, promised);
            }
        }

        private void makeRoom() {
            disk.limitTo(Long.MAX_VALUE);
        }

        private void fill(int spare) {
            wasFull = true;
            disk.limitTo(disk.usedBytes() + spare);
        }

        private void change(Step step) throws Exception {
            Journaled each = logs.get(step.log());
            PartitionLog log = each.log;
            int number = step.number();
            switch (step.action()) {
                case APPEND -> append(each, 1 + number % 3, 10 + number % 50);
                case APPEND_LARGE -> append(each, 1, 500);
                case APPEND_SEVERAL_AS_FOLLOWER -> follow(each, number % 3);
                case TRUNCATE -> truncate(each, number);
                case START_OVER -> startOver(each, number);
                case RAISE_HIGH_WATERMARK ->
                    log.updateHighWatermark(log.highWatermark()
                            + number % (1 + Math.max(0, log.durableEndOffset() - log.highWatermark())));
                case ADVANCE_START ->
                    advance(each, log.logStartOffset() + number % (1 + log.highWatermark() - log.logStartOffset()));
                case RETAIN -> {
                    log.deleteOldSegments();
                    each.entries = dropBelow(log.logStartOffset(), each.entries);
                }
                case FLUSH -> log.flush();
                case CHECKPOINT -> log.checkpoint();
                case RUN_ROUND -> runOne();
                case RUN_ALL -> runAll();
                case SWITCH_POLICY -> switchPolicy(each);
                case CREATE_ANEW -> createAnew(each);
                case FILL_DISK -> fill(2 * number);
                case MAKE_ROOM -> makeRoom();
                case REOPEN -> reopen();
                case KILL -> lose(disk::killProcess, true);
                case LOSE_POWER -> lose(() -> disk.losePower(new Random(number), 0.5), false);
                case LOSE_POWER_AMONG_PAGES -> lose(() -> disk.losePowerAmongPages(new Random(number), 64), false);
            }
            check(each);
        }

        private void append(Journaled each, int count, int length) {
            String[] values = new String[count];
            for (int i = 0; i < count; i++) {
                values[i] = (counter++ + "-").repeat(1 + length / 4);
            }
            long base = LogSamples.append(each.log, each.epoch, values);
            for (String value : values) {
                each.entries.add(base++ + ":" + value);
            }
        }

        private void follow(Journaled each, int gap) throws Exception {
            long base = each.log.logEndOffset() + gap;
            ByteBuf first = LogSamples.replicated(base, each.epoch, "f" + counter, "g" + counter);
            ByteBuf second = LogSamples.replicated(base + 2, each.epoch, "h" + counter);
            each.log.appendAsFollower(io.netty.buffer.Unpooled.wrappedBuffer(first, second), each.epoch);
            each.entries.add(base + ":f" + counter);
            each.entries.add(base + 1 + ":g" + counter);
            each.entries.add(base + 2 + ":h" + counter++);
        }

        private void truncate(Journaled each, int number) {
            PartitionLog log = each.log;
            log.truncateTo(log.highWatermark() + number % (1 + log.logEndOffset() - log.highWatermark()));
            each.epoch++;
            each.entries = below(log.logEndOffset(), each.entries);
        }

        private void startOver(Journaled each, long offset) {
            each.log.truncateFullyAndStartAt(offset);
            each.entries.clear();
        }

        private void advance(Journaled each, long offset) {
            each.log.advanceLogStartOffset(offset);
            each.entries = dropBelow(each.log.logStartOffset(), each.entries);
        }

        private void switchPolicy(Journaled each) {
            each.policy = each.policy == FlushPolicy.JOURNAL ? FlushPolicy.OS : FlushPolicy.JOURNAL;
            each.log.reconfigure(configurationOf(each.id));
        }

        private void createAnew(Journaled each) {
            directories.delete(each.id);
            each.entries.clear();
            each.epoch = 0;
            each.log = directories.create(each.id, "any", configurationOf(each.id));
        }

        private void runOne() {
            Runnable task = tasks.poll();
            if (task != null) {
                task.run();
            }
        }

        private void runAll() {
            while (!tasks.isEmpty()) {
                runOne();
            }
        }

        private void close() {
            runAll();
            directories.shutDown(1);
            runAll();
            journal.close();
        }

        private void reopen() {
            makeRoom();
            if (wasFull) {
                // A log that has failed for want of room may have what was not acknowledged, or not.
                lose(this::close, true);
                return;
            }
            close();
            assertThat(disk.list(JOURNAL)).noneMatch(name -> name.endsWith(JournalFile.JOURNAL));
            open();
            logs.forEach(this::check);
        }

        /** What was durable must be there; of what was not, as much as there is. */
        private void lose(Runnable loss, boolean writtenSurvives) {
            List<Long> durable = new ArrayList<>();
            List<Long> starts =
                    logs.stream().map(each -> each.log.logStartOffset()).toList();
            for (Journaled each : logs) {
                boolean kept = each.policy == FlushPolicy.JOURNAL || writtenSurvives;
                durable.add(kept ? Math.min(each.promised, each.log.durableEndOffset()) : 0);
                each.promised = Long.MAX_VALUE;
            }
            loss.run();
            open();
            for (int i = 0; i < LOGS; i++) {
                checkAfterLoss(logs.get(i), starts.get(i), durable.get(i));
            }
        }

        private void checkAfterLoss(Journaled each, long formerStart, long durable) {
            long start = each.log.logStartOffset();
            List<String> found = LogSamples.valuesFrom(each.log, start, 10_000);
            List<String> expected = dropBelow(start, below(durable, each.entries));
            // The start of a log is noted, and not forced.
            List<String> compared = dropBelow(formerStart, found);
            if (compared.size() < expected.size()) {
                fail("Lost of " + each.id + ": expected " + expected + ", found " + found);
            }
            assertThat(compared.subList(0, expected.size())).isEqualTo(expected);
            each.entries = new ArrayList<>(found);
            each.epoch = 1 + Math.max(each.epoch, each.log.latestEpoch().orElse(0));
        }

        private void check(Journaled each) {
            assertThat(each.log.durableEndOffset()).isLessThanOrEqualTo(each.log.logEndOffset());
            assertThat(LogSamples.valuesFrom(each.log, each.log.logStartOffset(), 10_000))
                    .isEqualTo(each.entries);
        }

        private static List<String> below(long offset, List<String> entries) {
            return new ArrayList<>(
                    entries.stream().filter(entry -> offsetOf(entry) < offset).toList());
        }

        private static List<String> dropBelow(long offset, List<String> entries) {
            return new ArrayList<>(
                    entries.stream().filter(entry -> offsetOf(entry) >= offset).toList());
        }

        private static long offsetOf(String entry) {
            return Long.parseLong(entry.substring(0, entry.indexOf(':')));
        }
    }
}
