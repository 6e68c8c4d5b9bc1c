package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks for subscriptions, and how the partitions stand that the asked broker leads.
 *
 * @param topicName null for those of all topics
 * @param name null for those of all names
 * @param includePartitions whether the states of partitions are wanted
 */
public record DescribeSubscriptionsRequest(@Nullable String topicName, @Nullable String name, boolean includePartitions)
        implements Request {
    public static final Schema<DescribeSubscriptionsRequest> SCHEMA = Schema.of(DescribeSubscriptionsRequest.class)
            .field("topicName", NULLABLE_STRING)
            .field("name", NULLABLE_STRING)
            .field("includePartitions", BOOL)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DESCRIBE_SUBSCRIPTIONS;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new DescribeSubscriptionsResponse(0, error, List.of());
    }
}
