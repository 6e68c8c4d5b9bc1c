package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Records;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Records that are not acknowledged. Owns its records until it is handed over to a frame.
 *
 * <p>The batches may hold more than that; only the ranges named count.
 *
 * @param nextOffset where to go on: everything not acknowledged below it, from the offset asked for on, is in the ranges
 * @param endOffset the high watermark; what comes later has this offset or a higher one
 * @param errorMessage why it is refused, where that is no selector
 */
public record QueueBrowseResponse(
        int throttleTimeMs,
        ErrorCode errorCode,
        long nextOffset,
        long endOffset,
        @Nullable Records records,
        List<Range> ranges,
        @Nullable String errorMessage)
        implements Response {
    /** Both offsets belong to the range. */
    public record Range(long firstOffset, long lastOffset) {
        static final Schema<Range> SCHEMA = Schema.of(Range.class)
                .field("firstOffset", INT64)
                .field("lastOffset", INT64)
                .build();
    }

    public static final Schema<QueueBrowseResponse> SCHEMA = Schema.of(QueueBrowseResponse.class)
            .field("throttleTimeMs", INT32)
            .field("errorCode", ERROR_CODE)
            .field("nextOffset", INT64)
            .field("endOffset", INT64)
            .field("records", RECORDS)
            .field("ranges", listOf(Range.SCHEMA))
            .field("errorMessage", NULLABLE_STRING.since(1))
            .build();

    public QueueBrowseResponse(
            int throttleTimeMs,
            ErrorCode errorCode,
            long nextOffset,
            long endOffset,
            @Nullable Records records,
            List<Range> ranges) {
        this(throttleTimeMs, errorCode, nextOffset, endOffset, records, ranges, null);
    }

    public QueueBrowseResponse because(@Nullable String why) {
        return new QueueBrowseResponse(throttleTimeMs, errorCode, nextOffset, endOffset, records, ranges, why);
    }

    @Override
    public ApiKey apiKey() {
        return ApiKey.QUEUE_BROWSE;
    }

    @Override
    public void releaseRecords() {
        if (records != null) {
            records.release();
        }
    }
}
