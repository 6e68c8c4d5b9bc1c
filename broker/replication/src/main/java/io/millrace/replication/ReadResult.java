package io.millrace.replication;

import io.millrace.protocol.ErrorCode;
import io.millrace.storage.LogSlice;
import java.util.Optional;

/**
 * What a consumer's read found.
 *
 * @param highWatermark -1 on an error
 * @param lastStableOffset below it no transaction is open
 * @param slice whole batches below the high watermark, owned by the receiver, which closes it; empty on an error and where there is
 *     nothing to read yet
 */
public record ReadResult(
        ErrorCode errorCode, long highWatermark, long lastStableOffset, long logStartOffset, Optional<LogSlice> slice) {

    public static ReadResult refused(ErrorCode errorCode) {
        return new ReadResult(errorCode, -1, -1, -1, Optional.empty());
    }

    public int sizeInBytes() {
        return slice.map(LogSlice::sizeInBytes).orElse(0);
    }
}
