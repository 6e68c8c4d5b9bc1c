package io.millrace.storage;

import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import io.netty.buffer.ByteBuf;
import java.time.InstantSource;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * Appends batches to a log: which ones it takes, and what they change.
 *
 * <p>Owned by the owner of the log.
 */
final class LogAppends {

    private final LogState state;
    private final ActiveSegment active;
    private final LogProducers producers;
    private final LogDurability durability;
    private final Supplier<LogConfiguration> configuration;
    private final InstantSource clock;

    LogAppends(
            LogState state,
            ActiveSegment active,
            LogProducers producers,
            LogDurability durability,
            Supplier<LogConfiguration> configuration,
            InstantSource clock) {
        this.state = state;
        this.active = active;
        this.producers = producers;
        this.durability = durability;
        this.configuration = configuration;
        this.clock = clock;
    }

    /** See {@link PartitionLog#appendAsLeader}. */
    AppendOutcome appendAsLeader(ByteBuf batches, int leaderEpoch) throws InvalidRecordException {
        state.failStop().ensureUsable();
        AcceptedBatches accepted = AcceptedBatches.ofProducer(batches);
        OptionalInt latestEpoch = state.epochs().latest();
        if (leaderEpoch < latestEpoch.orElse(leaderEpoch)) {
            throw new IllegalStateException(
                    "A leader of epoch " + leaderEpoch + " appends after one of epoch " + latestEpoch);
        }
        if (accepted.first().hasProducerId()) {
            Optional<AppendOutcome> refusal = producers.states().check(accepted.first());
            if (refusal.isPresent()) {
                return refusal.get();
            }
        }
        accepted.assignOffsets(state.offsets().logEndOffset(), leaderEpoch);
        return new AppendOutcome.Appended(append(accepted));
    }

    /** See {@link PartitionLog#appendAsFollower}. */
    Optional<AppendInfo> appendAsFollower(ByteBuf batches, int leaderEpoch) throws InvalidRecordException {
        state.failStop().ensureUsable();
        int lowestEpoch = state.epochs().latest().orElse(RecordBatch.NO_LEADER_EPOCH);
        AcceptedBatches accepted =
                AcceptedBatches.ofLeader(batches, firstAcceptable(batches), lowestEpoch, leaderEpoch);
        return accepted.list().isEmpty() ? Optional.empty() : Optional.of(append(accepted));
    }

    private long firstAcceptable(ByteBuf batches) throws InvalidRecordException {
        long end = state.offsets().logEndOffset();
        boolean isEmpty = state.segments().last().isEmpty() && state.offsets().logStartOffset() >= end;
        return isEmpty ? AcceptedBatches.firstOffsetInto(end, batches) : end;
    }

    private AppendInfo append(AcceptedBatches batches) {
        return state.failStop().change(() -> write(batches));
    }

    private AppendInfo write(AcceptedBatches batches) {
        state.checkpoints().markDirty();
        long nowMs = clock.millis();
        LogConfiguration rules = configuration.get();
        LogSegment segment = active.segmentFor(batches, rules, producers.states(), nowMs);
        // First of all, for a full disk may refuse it; nobody reads it before the log ends behind it.
        segment.append(batches.bytes(), batches.list(), rules.indexIntervalBytes());
        long maxTimestamp = RecordBatch.NO_TIMESTAMP;
        for (RecordBatch batch : batches.list()) {
            state.epochs().assign(batch.leaderEpoch(), batch.baseOffset());
            maxTimestamp = Math.max(maxTimestamp, batch.maxTimestamp());
            producers.states().updateAccepted(batch, nowMs, rules);
        }
        long before = state.offsets().logEndOffset();
        state.offsets().endAt(segment.end().nextOffset());
        durability.appended(before, batches.bytes());
        return new AppendInfo(
                batches.first().baseOffset(),
                batches.last().lastOffset(),
                maxTimestamp,
                batches.bytes().readableBytes());
    }
}
