package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.UUID;

/**
 * Has a subscription of a topic be there. It begins at the ends of the partitions, in each as soon as its leader has heard of it; {@link
 * DescribeSubscriptionsRequest} tells when.
 *
 * @param clientId empty for a shared one that belongs to no client
 * @param isDurable whether it stays while it has no consumer
 * @param isShared whether several consumers may have it at once
 * @param selector which messages belong to it; empty for all
 * @param noLocal whether what its own client has sent does not belong to it
 * @param replaces whether one of the same client id, name and durability with another selector takes over this one, and one of another topic
 *     ends
 */
public record CreateSubscriptionRequest(
        String topicName,
        String clientId,
        String name,
        boolean isDurable,
        boolean isShared,
        String selector,
        boolean noLocal,
        boolean replaces,
        int timeoutMs)
        implements Request {
    public static final Schema<CreateSubscriptionRequest> SCHEMA = Schema.of(CreateSubscriptionRequest.class)
            .field("topicName", STRING)
            .field("clientId", STRING)
            .field("name", STRING)
            .field("isDurable", BOOL)
            .field("isShared", BOOL)
            .field("selector", STRING)
            .field("noLocal", BOOL)
            .field("replaces", BOOL)
            .field("timeoutMs", INT32)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.CREATE_SUBSCRIPTION;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new CreateSubscriptionResponse(0, error, null, new UUID(0, 0), 0);
    }
}
