package io.millrace.replication;

import io.millrace.protocol.ErrorCode;
import io.millrace.record.InvalidRecordException;
import io.millrace.replication.ReplicaFetchResult.FetchedLog;
import io.netty.buffer.ByteBuf;
import java.lang.System.Logger.Level;

/**
 * A log while its replica follows: becomes what the leader's answers say, one after the other (KIP-320, KIP-595).
 *
 * <p>Owned by the partition's loop.
 */
final class FollowedLog {
    private static final System.Logger LOGGER = System.getLogger(FollowedLog.class.getName());

    private final String partition;
    private final ReplicaLog log;
    /** What the leader told last, as far as this log reaches; the log itself may be durable less far yet. */
    private long toldHighWatermark;

    private long toldLogStartOffset;

    /** @param partition its name, for people */
    FollowedLog(String partition, ReplicaLog log) {
        this.partition = partition;
        this.log = log;
    }

    /**
     * Takes over an answer: what the leader does not have is dropped, what it sent is appended, and its high watermark and log start are taken
     * over as far as this log reaches. The buffer stays the caller's.
     *
     * @return whether the log is ready for the next fetch; otherwise it should be left alone for a while
     * @throws InvalidRecordException when the leader sent what cannot be appended; nothing was
     */
    boolean takeOver(FetchedLog fetched, int leaderEpoch) throws InvalidRecordException {
        if (fetched.errorCode() == ErrorCode.OFFSET_OUT_OF_RANGE) {
            startOver(fetched.logStartOffset());
            return true;
        }
        if (fetched.errorCode().isError()) {
            return false;
        }
        if (fetched.divergence().exists()) {
            truncate(fetched.divergence());
            return true;
        }
        if (isStale(fetched.records())) {
            // It speaks of a position that this log has left; so does its high watermark.
            return true;
        }
        if (fetched.records().isReadable()) {
            log.log().appendAsFollower(fetched.records(), leaderEpoch);
        }
        toldHighWatermark = Math.min(fetched.highWatermark(), log.log().logEndOffset());
        toldLogStartOffset = fetched.logStartOffset();
        takeOverBounds();
        return true;
    }

    /** More of the log is durable: what the leader told of it counts now. It may not tell it again. */
    void onDurable() {
        takeOverBounds();
    }

    long logEndOffset() {
        return log.log().logEndOffset();
    }

    private void takeOverBounds() {
        log.log().updateHighWatermark(toldHighWatermark);
        long start = Math.min(toldLogStartOffset, log.log().highWatermark());
        if (start > log.log().logStartOffset()) {
            log.log().advanceLogStartOffset(start);
        }
    }

    private void forgetBounds() {
        toldHighWatermark = 0;
        toldLogStartOffset = 0;
    }

    private void startOver(long leadersLogStartOffset) {
        forgetBounds();
        log.log().truncateFullyAndStartAt(leadersLogStartOffset);
        LOGGER.log(
                Level.WARNING,
                () -> "Partition " + partition + " has nothing that its leader has and starts over at offset "
                        + leadersLogStartOffset);
    }

    private void truncate(Divergence divergence) {
        forgetBounds();
        long highWatermark = log.log().highWatermark();
        long before = log.log().logEndOffset();
        long after = log.truncateTo(divergence);
        Level level = after < highWatermark ? Level.WARNING : Level.DEBUG;
        LOGGER.log(
                level,
                () -> "Truncated " + log.kind() + " of " + partition + " from " + before + " to " + after
                        + ", where it parts from its leader's; its high watermark was " + highWatermark);
    }

    /**
     * An answer to a question that was asked twice, around a change of epoch, may bring what is here already. Not so in an empty log, which
     * may begin within a batch.
     */
    private boolean isStale(ByteBuf records) {
        boolean isEmpty = log.log().logStartOffset() == log.log().logEndOffset();
        return !isEmpty
                && records.readableBytes() >= Long.BYTES
                && records.getLong(records.readerIndex()) < log.log().logEndOffset();
    }
}
