package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Asks for the brokers of the cluster and the leaders of some topics.
 *
 * @param topics null for all topics; version 0, which has no null, says the same with an empty list
 */
public record MetadataRequest(
        @Nullable List<Topic> topics,
        boolean allowAutoTopicCreation,
        boolean includeClusterAuthorizedOperations,
        boolean includeTopicAuthorizedOperations)
        implements Request {
    public record Topic(UUID topicId, @Nullable String name) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("topicId", UUID.since(10))
                .field("name", NULLABLE_STRING.nullableSince(10, ""))
                .build();
    }

    public static final Schema<MetadataRequest> SCHEMA = Schema.of(MetadataRequest.class)
            .field("topics", nullableListOf(Topic.SCHEMA).nullableSince(1, List.of()))
            .field("allowAutoTopicCreation", BOOL.since(4).orElse(true).required())
            .field("includeClusterAuthorizedOperations", BOOL.since(8).until(10).required())
            .field("includeTopicAuthorizedOperations", BOOL.since(8).required())
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.METADATA;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        List<Topic> named = topics == null ? List.of() : topics;
        return new MetadataResponse(
                0,
                List.of(),
                null,
                -1,
                named.stream()
                        .map(topic -> MetadataResponse.Topic.error(topic.name(), topic.topicId(), error))
                        .toList(),
                Integer.MIN_VALUE,
                error);
    }
}
