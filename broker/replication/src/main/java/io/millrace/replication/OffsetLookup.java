package io.millrace.replication;

import io.millrace.protocol.ErrorCode;

/**
 * Answer to a question for an offset.
 *
 * @param offset -1 on an error and when there is no such record
 * @param timestamp of the record found; -1 where the question was not for one
 * @param leaderEpoch of the record found, or of the end; -1 when unknown
 */
public record OffsetLookup(ErrorCode errorCode, long offset, long timestamp, int leaderEpoch) {
    static OffsetLookup refused(ErrorCode errorCode) {
        return new OffsetLookup(errorCode, -1, -1, -1);
    }

    static OffsetLookup at(long offset, int leaderEpoch) {
        return new OffsetLookup(ErrorCode.NONE, offset, -1, leaderEpoch);
    }
}
