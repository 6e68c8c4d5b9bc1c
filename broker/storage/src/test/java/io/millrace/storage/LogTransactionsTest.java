package io.millrace.storage;

import static io.millrace.storage.LogSamples.append;
import static io.millrace.storage.LogSamples.appended;
import static io.millrace.storage.LogSamples.outcomeOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.record.Compression;
import io.millrace.record.EndTransactionMarker;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import io.millrace.record.RecordBatchBuilder;
import io.millrace.storage.compaction.AbortedTransaction;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Transactions through the log that holds them: what is stable, what was aborted, and that it stays known. */
class LogTransactionsTest {
    private static final Path DIRECTORY = Path.of("/logs/orders-0");
    private static final LogConfiguration RULES = LogConfiguration.DEFAULT.withFlushPolicy(FlushPolicy.OS);
    private static final LogConfiguration SMALL = RULES.withSegmentBytes(300);
    private static final ByteBufAllocator ON_HEAP = new UnpooledByteBufAllocator(false);
    private static final boolean COMMIT = true;
    private static final boolean ABORT = false;

    private final InMemoryDisk disk = new InMemoryDisk();
    private final ManualTime clock = new ManualTime(10_000);
    private PartitionLog log = open(RULES);

    private PartitionLog open(LogConfiguration configuration) {
        return PartitionLog.open(disk, DIRECTORY, configuration, clock);
    }

    private static ByteBuf data(long producerId, int epoch, int sequence) {
        try (var builder = new RecordBatchBuilder(ON_HEAP, Compression.NONE, Integer.MAX_VALUE)) {
            builder.tryAppend(1000, null, Unpooled.copiedBuffer("v" + sequence, StandardCharsets.UTF_8), List.of());
            return builder.build(producerId, (short) epoch, sequence, true);
        }
    }

    private static ByteBuf marker(long producerId, int epoch, boolean committed, int coordinatorEpoch) {
        return new EndTransactionMarker(committed, coordinatorEpoch).toBatch(ON_HEAP, 1000, producerId, (short) epoch);
    }

    private long write(long producerId, int sequence) {
        return appended(log, 0, data(producerId, 0, sequence)).baseOffset();
    }

    private long end(long producerId, boolean committed) {
        return appended(log, 0, marker(producerId, 0, committed, 1)).baseOffset();
    }

    private void commitAll() {
        log.updateHighWatermark(log.logEndOffset());
    }

    private long lastStable() {
        return log.transactions().lastStableOffset();
    }

    private List<AbortedTransaction> aborted() {
        return log.transactions().abortedIn(0, log.logEndOffset());
    }

    @Test
    void withoutTransactionsAllThatIsCommittedIsStable() {
        append(log, 0, "a", "b");
        assertThat(lastStable()).isZero();

        commitAll();

        assertThat(lastStable()).isEqualTo(2);
    }

    @Test
    void whatComesAfterAnOpenTransactionIsNotStable() {
        append(log, 0, "a");
        long first = write(7, 0);
        append(log, 0, "b");
        commitAll();

        assertThat(lastStable()).isEqualTo(first);

        end(7, COMMIT);
        assertThat(lastStable()).isEqualTo(first); // another leader might not have the marker
        commitAll();
        assertThat(lastStable()).isEqualTo(log.logEndOffset());
        assertThat(aborted()).isEmpty();
    }

    @Test
    void theFirstOfSeveralOpenTransactionsCounts() {
        long first = write(7, 0);
        long second = write(8, 0);
        end(7, ABORT);
        commitAll();
        assertThat(lastStable()).isEqualTo(second);
        assertThat(aborted()).containsExactly(new AbortedTransaction(7, first, 2));

        long third = write(7, 1);
        end(8, ABORT);
        commitAll();
        assertThat(lastStable()).isEqualTo(third);
        assertThat(aborted()).hasSize(2);
        assertThat(log.transactions().abortedIn(0, second)).containsExactly(new AbortedTransaction(7, first, 2));
        assertThat(log.transactions().abortedIn(3, log.logEndOffset()))
                .containsExactly(new AbortedTransaction(8, second, 4));
    }

    @Test
    void aSliceIsBoundedByAnOffsetALittleBehindItsLastRecord() throws OffsetOutOfRangeException {
        for (int i = 0; i < 400; i++) {
            write(7, i);
            end(7, ABORT);
        }
        commitAll();

        for (long offset = 0; offset < log.logEndOffset(); offset += 97) {
            try (LogSlice slice = log.read(offset, 1_000, log.logEndOffset(), true)) {
                long behindLast = nextOffset(slice);
                assertThat(slice.offsetBound()).isBetween(behindLast, behindLast + 300); // the index is sparse
                assertThat(log.transactions().abortedIn(offset, slice.offsetBound()))
                        .contains(new AbortedTransaction(7, (behindLast - 1) / 2 * 2, (behindLast - 1) / 2 * 2 + 1));
            }
        }
        try (LogSlice nothing = log.read(log.logEndOffset(), 1_000, log.logEndOffset(), true)) {
            assertThat(nothing.offsetBound()).isEqualTo(log.logEndOffset());
        }
    }

    private static long nextOffset(LogSlice slice) {
        ByteBuf bytes = slice.toByteBuf(ON_HEAP);
        long next = -1;
        try {
            while (bytes.isReadable()) {
                RecordBatch batch = RecordBatch.at(bytes, bytes.readerIndex());
                next = batch.nextOffset();
                bytes.skipBytes(batch.sizeInBytes());
            }
        } catch (InvalidRecordException e) {
            throw new AssertionError(e);
        } finally {
            bytes.release();
        }
        return next;
    }

    @Test
    void aMarkerOfADisplacedCoordinatorIsRefused() {
        write(7, 0);
        appended(log, 0, marker(7, 0, COMMIT, 5));
        write(7, 1);

        assertThat(outcomeOf(log, 0, marker(7, 0, ABORT, 4))).isEqualTo(new AppendOutcome.FencedCoordinator(7, 5, 4));
        assertThat(outcomeOf(log, 0, marker(7, 0, COMMIT, 5))).isInstanceOf(AppendOutcome.Appended.class);
    }

    @Test
    void aMarkerOfAnOlderEpochIsRefused() {
        appended(log, 0, data(7, 3, 0));

        assertThat(outcomeOf(log, 0, marker(7, 2, ABORT, 1))).isInstanceOf(AppendOutcome.FencedProducer.class);
    }

    @Test
    void aMarkerFencesItsProducer() {
        write(7, 0);
        appended(log, 0, marker(7, 1, ABORT, 1));

        assertThat(outcomeOf(log, 0, data(7, 0, 1))).isInstanceOf(AppendOutcome.FencedProducer.class);
        assertThat(outcomeOf(log, 0, data(7, 1, 0))).isInstanceOf(AppendOutcome.Appended.class);
    }

    @Test
    void whereEachTransactionHasItsEpochAMarkerThatComesAgainEndsNothing() throws InvalidRecordException {
        write(7, 0);
        assertThat(log.transactions().refuseMarkerOfSameEpoch(marker(7, 0, COMMIT, 1)))
                .isPresent();
        assertThat(log.transactions().refuseMarkerOfSameEpoch(marker(7, 1, COMMIT, 1)))
                .isEmpty();

        appended(log, 0, marker(7, 1, COMMIT, 1));
        assertThat(log.transactions().refuseMarkerOfSameEpoch(marker(7, 1, COMMIT, 1)))
                .isEmpty();

        appended(log, 0, data(7, 1, 0));
        assertThat(log.transactions().refuseMarkerOfSameEpoch(marker(7, 1, COMMIT, 1)))
                .isPresent();
    }

    @Test
    void offsetsOfAGroupHaveNoSequence() {
        long first = appended(log, 0, data(7, 0, RecordBatch.NO_SEQUENCE)).baseOffset();
        appended(log, 0, data(7, 0, RecordBatch.NO_SEQUENCE));
        commitAll();

        assertThat(lastStable()).isEqualTo(first);
        end(7, COMMIT);
        commitAll();
        assertThat(lastStable()).isEqualTo(log.logEndOffset());
    }

    @Test
    void aControlBatchThatIsNoMarkerIsRefused() {
        ByteBuf nonsense;
        try (var builder = new RecordBatchBuilder(ON_HEAP, Compression.NONE, Integer.MAX_VALUE)) {
            builder.tryAppend(1000, null, Unpooled.copiedBuffer("x", StandardCharsets.UTF_8), List.of());
            nonsense = builder.build(7, (short) 0, RecordBatch.NO_SEQUENCE, true);
        }
        nonsense.setShort(21, 0x30);

        assertThatThrownBy(() -> log.appendAsLeader(nonsense, 0)).isInstanceOf(InvalidRecordException.class);
        assertThat(log.logEndOffset()).isZero();
    }

    @Test
    void allIsKnownAfterACleanRestart() {
        long first = write(7, 0);
        end(7, ABORT);
        long open = write(8, 0);
        commitAll();
        log.close();

        log = open(RULES);

        assertThat(lastStable()).isEqualTo(open);
        assertThat(aborted()).containsExactly(new AbortedTransaction(7, first, 1));
        assertThat(log.transactions().producers()).anySatisfy(producer -> assertThat(producer)
                .isEqualTo(new LogTransactions.ActiveProducer(7, (short) 0, 0, 1_000, 1, -1)));
    }

    @Test
    void aMarkerThatWasNotCommittedBeforeARestartIsNotStableAfterIt() {
        long first = write(7, 0);
        commitAll();
        end(7, COMMIT);
        log.close();

        log = open(RULES);

        assertThat(lastStable()).isEqualTo(first);
        commitAll();
        assertThat(lastStable()).isEqualTo(log.logEndOffset());
    }

    @Test
    void allIsKnownAfterACrashBehindSeveralSegments() {
        log.close();
        log = open(SMALL);
        long first = write(7, 0);
        for (int i = 0; i < 10; i++) {
            append(log, 0, "filling");
        }
        long marker = end(7, ABORT);
        long open = write(8, 0);
        commitAll();
        log.checkpoint();
        log.abandon();

        log = open(SMALL);

        assertThat(aborted()).containsExactly(new AbortedTransaction(7, first, marker));
        commitAll();
        assertThat(lastStable()).isEqualTo(open);
    }

    @Test
    void aTruncationTakesMarkersBack() {
        long first = write(7, 0);
        commitAll();
        long marker = end(7, ABORT);

        log.truncateTo(marker);

        assertThat(aborted()).isEmpty();
        assertThat(lastStable()).isEqualTo(first);
        end(7, COMMIT);
        commitAll();
        assertThat(lastStable()).isEqualTo(log.logEndOffset());
        assertThat(aborted()).isEmpty();
    }

    @Test
    void aTruncationOfEverythingForgetsEverything() {
        write(7, 0);
        end(7, ABORT);
        write(8, 0);
        commitAll();

        log.truncateFullyAndStartAt(100);

        assertThat(lastStable()).isEqualTo(100);
        assertThat(log.transactions().abortedIn(0, Long.MAX_VALUE)).isEmpty();
    }

    @Test
    void whatNobodyCanReadIsForgotten() {
        write(7, 0);
        long marker = end(7, ABORT);
        append(log, 0, "a");
        commitAll();

        log.advanceLogStartOffset(marker + 1);

        assertThat(log.transactions().abortedIn(0, Long.MAX_VALUE)).isEmpty();
    }

    @Test
    void aFollowerKnowsWhatItsLeaderKnows() throws Exception {
        var follower = PartitionLog.open(new InMemoryDisk(), DIRECTORY, RULES, clock);
        long first = write(7, 0);
        long marker = end(7, ABORT);
        long open = write(8, 0);
        try (LogSlice slice = log.read(0, 10_000, Long.MAX_VALUE, true)) {
            ByteBuf bytes = Unpooled.buffer(slice.sizeInBytes());
            slice.readInto(bytes);
            follower.appendAsFollower(bytes, 0);
        }

        follower.updateHighWatermark(follower.logEndOffset());

        assertThat(follower.transactions().lastStableOffset()).isEqualTo(open);
        assertThat(follower.transactions().abortedIn(0, 10)).containsExactly(new AbortedTransaction(7, first, marker));
        follower.close();
    }

    @Test
    void anAbortedTransactionWhoseMarkerWasCompactedAwayIsForgotten() {
        var outcomes = new TransactionOutcomes();
        outcomes.onBegin(0);
        outcomes.onEnd(7, 0, 5, false);
        outcomes.onBegin(6);
        outcomes.onEnd(8, 6, 9, false);

        outcomes.retainMarkers(0, 100, offset -> offset == 9);

        assertThat(outcomes.abortedIn(0, 100)).containsExactly(new AbortedTransaction(8, 6, 9));
    }
}
