package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Deletes topics: by {@code topicNames} up to version 5, by name or id in {@code topics} from version 6 on. */
public record DeleteTopicsRequest(List<Topic> topics, List<String> topicNames, int timeoutMs) implements Request {
    public record Topic(@Nullable String name, UUID topicId) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("name", NULLABLE_STRING)
                .field("topicId", UUID)
                .build();
    }

    public static final Schema<DeleteTopicsRequest> SCHEMA = Schema.of(DeleteTopicsRequest.class)
            .field("topics", listOf(Topic.SCHEMA).since(6).required())
            .field("topicNames", listOf(STRING).until(5))
            .field("timeoutMs", INT32)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DELETE_TOPICS;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        var byName = topicNames.stream().map(name -> new DeleteTopicsResponse.Topic(name, new UUID(0, 0), error, null));
        var byNameOrId = topics.stream()
                .map(topic -> new DeleteTopicsResponse.Topic(topic.name(), topic.topicId(), error, null));
        return new DeleteTopicsResponse(0, Stream.concat(byName, byNameOrId).toList());
    }
}
