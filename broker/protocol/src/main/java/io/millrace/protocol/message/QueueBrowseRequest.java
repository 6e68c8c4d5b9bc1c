package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Records;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Looks at what one partition of a queue or durable subscription still has to deliver or to be acknowledged, without acquiring
 * anything.
 *
 * @param subscription null for the built-in one of a queue
 * @param fromOffset nothing below is looked at
 * @param maxBytes about how many bytes of batches the answer brings, at least one batch; 0: none, as only the end is asked for
 * @param selector what does not match is left out; null: there is none
 */
public record QueueBrowseRequest(
        UUID topicId,
        int partitionIndex,
        @Nullable String subscription,
        long fromOffset,
        int maxBytes,
        @Nullable String selector)
        implements Request {
    public static final Schema<QueueBrowseRequest> SCHEMA = Schema.of(QueueBrowseRequest.class)
            .field("topicId", UUID)
            .field("partitionIndex", INT32)
            .field("subscription", NULLABLE_STRING)
            .field("fromOffset", INT64)
            .field("maxBytes", INT32)
            .field("selector", NULLABLE_STRING.since(1).required())
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.QUEUE_BROWSE;
    }

    @Override
    public QueueBrowseResponse errorResponse(ErrorCode error) {
        return new QueueBrowseResponse(0, error, fromOffset, -1, Records.EMPTY, List.of());
    }
}
