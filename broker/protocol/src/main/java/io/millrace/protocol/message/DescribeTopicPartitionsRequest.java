package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks for the partitions of topics, page by page (KIP-966).
 *
 * @param topics empty for all
 * @param cursor where the page begins; null for the first
 */
public record DescribeTopicPartitionsRequest(List<Topic> topics, int responsePartitionLimit, @Nullable Cursor cursor)
        implements Request {
    public record Topic(String name) {
        static final Schema<Topic> SCHEMA =
                Schema.of(Topic.class).field("name", STRING).build();
    }

    public record Cursor(String topicName, int partitionIndex) {
        static final Schema<Cursor> SCHEMA = Schema.of(Cursor.class)
                .field("topicName", STRING)
                .field("partitionIndex", INT32)
                .build();
    }

    public static final Schema<DescribeTopicPartitionsRequest> SCHEMA = Schema.of(DescribeTopicPartitionsRequest.class)
            .field("topics", listOf(Topic.SCHEMA))
            .field("responsePartitionLimit", INT32.orElse(2000))
            .field("cursor", nullableStruct(Cursor.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DESCRIBE_TOPIC_PARTITIONS;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        var refused = topics.stream()
                .map(topic -> DescribeTopicPartitionsResponse.Topic.error(topic.name(), error))
                .toList();
        return new DescribeTopicPartitionsResponse(0, refused, null);
    }
}
