package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.UUID;

/** Subscriptions, as the asked broker knows them. */
public record DescribeSubscriptionsResponse(int throttleTimeMs, ErrorCode errorCode, List<Subscription> subscriptions)
        implements Response {
    /**
     * How one partition stands that the asked broker leads.
     *
     * @param isOpen whether the subscription has begun there
     * @param acknowledgedBelow everything before it is acknowledged
     * @param unacknowledged how many offsets up to the end are not acknowledged, those of transaction markers included
     * @param acquired how many of these consumers have
     * @param consumers who has it, by the ids of their fetches
     */
    public record Partition(
            int partitionIndex,
            boolean isOpen,
            long acknowledgedBelow,
            long unacknowledged,
            long acquired,
            List<UUID> consumers) {
        static final Schema<Partition> SCHEMA = Schema.of(Partition.class)
                .field("partitionIndex", INT32)
                .field("isOpen", BOOL)
                .field("acknowledgedBelow", INT64)
                .field("unacknowledged", INT64)
                .field("acquired", INT64)
                .field("consumers", listOf(UUID))
                .build();
    }

    /**
     * A subscription.
     *
     * @param partitionCount of the topic
     * @param partitions those that the asked broker leads, where they were asked for
     */
    public record Subscription(
            UUID topicId,
            String topicName,
            long number,
            String clientId,
            String name,
            boolean isDurable,
            boolean isShared,
            String selector,
            boolean noLocal,
            int partitionCount,
            List<Partition> partitions) {
        static final Schema<Subscription> SCHEMA = Schema.of(Subscription.class)
                .field("topicId", UUID)
                .field("topicName", STRING)
                .field("number", INT64)
                .field("clientId", STRING)
                .field("name", STRING)
                .field("isDurable", BOOL)
                .field("isShared", BOOL)
                .field("selector", STRING)
                .field("noLocal", BOOL)
                .field("partitionCount", INT32)
                .field("partitions", listOf(Partition.SCHEMA))
                .build();
    }

    public static final Schema<DescribeSubscriptionsResponse> SCHEMA = Schema.of(DescribeSubscriptionsResponse.class)
            .field("throttleTimeMs", INT32)
            .field("errorCode", ERROR_CODE)
            .field("subscriptions", listOf(Subscription.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DESCRIBE_SUBSCRIPTIONS;
    }
}
