package io.millrace.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** A log beside a list that does the same, through any sequence of changes, restarts and crashes. */
class PartitionLogProperties {

    private static final Path DIRECTORY = Path.of("/logs/any-0");
    private static final LogConfiguration SMALL = LogConfiguration.DEFAULT
            .withSegmentBytes(600)
            .withIndex(100, 1024)
            .withRetention(LogConfiguration.UNLIMITED, 2000);

    /** What to do next, with a number that says how much. */
    record Step(Action action, int number) {}

    enum Action {
        APPEND,
        APPEND_BATCH,
        APPEND_IN_NEW_EPOCH,
        APPEND_AS_FOLLOWER,
        TRUNCATE,
        START_OVER,
        RAISE_HIGH_WATERMARK,
        ADVANCE_START,
        RETAIN,
        FLUSH,
        CHECKPOINT,
        HOLD_SLICE,
        CLOSE_SLICES,
        REOPEN,
        KILL
    }

    @Property(tries = 200)
    void aLogIsAListOfRecords(@ForAll("steps") List<Step> steps) throws Exception {
        Model model = new Model();
        for (Step step : steps) {
            model.run(step);
            model.check();
        }
        model.closeSlices();
        model.log.close();
        assertThat(model.disk.openFiles()).isZero();
    }

    @Provide
    Arbitrary<List<Step>> steps() {
        Arbitrary<Action> actions = Arbitraries.frequency(
                net.jqwik.api.Tuple.of(20, Action.APPEND),
                net.jqwik.api.Tuple.of(10, Action.APPEND_BATCH),
                net.jqwik.api.Tuple.of(3, Action.APPEND_IN_NEW_EPOCH),
                net.jqwik.api.Tuple.of(6, Action.APPEND_AS_FOLLOWER),
                net.jqwik.api.Tuple.of(4, Action.TRUNCATE),
                net.jqwik.api.Tuple.of(1, Action.START_OVER),
                net.jqwik.api.Tuple.of(5, Action.RAISE_HIGH_WATERMARK),
                net.jqwik.api.Tuple.of(2, Action.ADVANCE_START),
                net.jqwik.api.Tuple.of(2, Action.RETAIN),
                net.jqwik.api.Tuple.of(2, Action.FLUSH),
                net.jqwik.api.Tuple.of(2, Action.CHECKPOINT),
                net.jqwik.api.Tuple.of(3, Action.HOLD_SLICE),
                net.jqwik.api.Tuple.of(2, Action.CLOSE_SLICES),
                net.jqwik.api.Tuple.of(2, Action.REOPEN),
                net.jqwik.api.Tuple.of(3, Action.KILL));
        Arbitrary<Integer> numbers = Arbitraries.integers().between(0, 1000);
        return net.jqwik.api.Combinators.combine(actions, numbers)
                .as(Step::new)
                .list()
                .ofMinSize(5)
                .ofMaxSize(120);
    }

    private record Entry(long offset, String value, int epoch, long batchBase) {}

    /** A slice that a reader holds, and what must be in it however the log changes. */
    private record Held(LogSlice slice, ByteBuf bytes) {}

    private static final class Model {
        private final InMemoryDisk disk = new InMemoryDisk();
        private final ManualTime clock = new ManualTime(10_000);
        private final List<Entry> entries = new ArrayList<>();
        private final List<Held> slices = new ArrayList<>();
        private PartitionLog log = open();
        private long start;
        private long end;
        private long highWatermark;
        private int epoch;
        private int counter;

        private PartitionLog open() {
            return PartitionLog.open(disk, DIRECTORY, SMALL, clock);
        }

        private void run(Step step) throws Exception {
            int number = step.number();
            switch (step.action()) {
                case APPEND -> append(1);
                case APPEND_BATCH -> append(1 + number % 7);
                case APPEND_IN_NEW_EPOCH -> {
                    epoch++;
                    append(1);
                }
                case APPEND_AS_FOLLOWER -> appendAsFollower(number % 3);
                case TRUNCATE -> truncate(start + number % (end - start + 1));
                case START_OVER -> startOver(number);
                case RAISE_HIGH_WATERMARK -> raise(start + number % (end - start + 1));
                case ADVANCE_START -> advance(start + number % (highWatermark - start + 1));
                case RETAIN -> retain();
                case FLUSH -> log.flush();
                case CHECKPOINT -> log.checkpoint();
                case HOLD_SLICE -> hold(start + number % (end - start + 1), number);
                case CLOSE_SLICES -> closeSlices();
                case REOPEN -> reopen();
                default -> kill();
            }
        }

        private void append(int count) {
            String[] values = values(count);
            assertThat(LogSamples.append(log, epoch, values)).isEqualTo(end);
            add(values);
        }

        private void appendAsFollower(int gap) throws Exception {
            end += gap;
            String[] values = values(2);
            assertThat(log.appendAsFollower(LogSamples.replicated(end, epoch, values), epoch))
                    .isPresent();
            add(values);
        }

        private String[] values(int count) {
            String[] values = new String[count];
            for (int i = 0; i < count; i++) {
                values[i] = "v" + counter++;
            }
            return values;
        }

        private void add(String... values) {
            long base = end;
            for (String value : values) {
                entries.add(new Entry(end++, value, epoch, base));
            }
        }

        private void truncate(long offset) {
            log.truncateTo(offset);
            if (offset >= end) {
                return;
            }
            long dropFrom = entries.stream()
                    .filter(entry -> entry.offset() >= offset)
                    .mapToLong(Entry::batchBase)
                    .min()
                    .orElse(offset);
            entries.removeIf(entry -> entry.offset() >= dropFrom);
            assertThat(log.logEndOffset()).isBetween(Math.min(lastKnown(), offset), offset);
            end = log.logEndOffset();
            start = Math.min(start, end);
            highWatermark = Math.min(highWatermark, end);
        }

        private long lastKnown() {
            return entries.isEmpty() ? start : entries.get(entries.size() - 1).offset() + 1;
        }

        private void startOver(long offset) {
            log.truncateFullyAndStartAt(offset);
            entries.clear();
            start = offset;
            end = offset;
            highWatermark = offset;
        }

        private void raise(long offset) {
            log.updateHighWatermark(offset);
            highWatermark = Math.max(highWatermark, offset);
        }

        private void advance(long offset) {
            log.advanceLogStartOffset(offset);
            start = Math.max(start, offset);
            entries.removeIf(entry -> entry.offset() < start);
        }

        private void retain() {
            log.deleteOldSegments();
            assertThat(log.logStartOffset()).isBetween(start, highWatermark);
            start = log.logStartOffset();
            entries.removeIf(entry -> entry.offset() < start);
        }

        private void hold(long offset, int maxBytes) throws OffsetOutOfRangeException {
            LogSlice slice = log.read(offset, maxBytes, Long.MAX_VALUE, true);
            ByteBuf bytes = io.netty.buffer.Unpooled.buffer();
            slice.readInto(bytes);
            slices.add(new Held(slice, bytes));
        }

        private void closeSlices() {
            for (Held held : slices) {
                ByteBuf now = io.netty.buffer.Unpooled.buffer();
                held.slice().readInto(now);
                assertThat(now).isEqualTo(held.bytes());
                held.slice().close();
            }
            slices.clear();
        }

        private void reopen() {
            closeSlices();
            log.close();
            log = open();
            assertThat(log.highWatermark()).isEqualTo(highWatermark);
            afterOpening();
        }

        private void kill() {
            slices.clear();
            disk.killProcess();
            log = open();
            assertThat(log.highWatermark()).isBetween(start, highWatermark);
            afterOpening();
        }

        /** An empty log may have forgotten epochs, and a gap at its end. */
        private void afterOpening() {
            highWatermark = log.highWatermark();
            end = log.logEndOffset();
        }

        private void check() {
            assertThat(log.logStartOffset()).isEqualTo(start);
            assertThat(log.logEndOffset()).isEqualTo(end);
            assertThat(log.highWatermark()).isEqualTo(highWatermark);
            List<String> expected = entries.stream()
                    .map(entry -> entry.offset() + ":" + entry.value())
                    .toList();
            assertThat(LogSamples.valuesFrom(log, start, 200)).isEqualTo(expected);
            if (!entries.isEmpty()) {
                Entry last = entries.get(entries.size() - 1);
                assertThat(log.latestEpoch()).hasValue(last.epoch());
            }
        }
    }
}
