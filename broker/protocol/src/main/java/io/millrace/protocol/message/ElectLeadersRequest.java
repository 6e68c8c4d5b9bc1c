package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Elects leaders (KIP-460).
 *
 * @param electionType {@link #PREFERRED} or {@link #UNCLEAN}
 * @param topicPartitions null for all partitions of the cluster
 */
public record ElectLeadersRequest(byte electionType, @Nullable List<Topic> topicPartitions, int timeoutMs)
        implements Request {
    public static final byte PREFERRED = 0;
    public static final byte UNCLEAN = 1;

    public record Topic(String topic, List<Integer> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("topic", STRING)
                .field("partitions", listOf(INT32))
                .build();
    }

    public static final Schema<ElectLeadersRequest> SCHEMA = Schema.of(ElectLeadersRequest.class)
            .field("electionType", INT8.since(1))
            .field("topicPartitions", nullableListOf(Topic.SCHEMA))
            .field("timeoutMs", INT32)
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.ELECT_LEADERS;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        List<Topic> named = topicPartitions == null ? List.of() : topicPartitions;
        var results = named.stream()
                .map(topic -> new ElectLeadersResponse.Topic(
                        topic.topic(),
                        topic.partitions().stream()
                                .map(partition -> new ElectLeadersResponse.Partition(partition, error, null))
                                .toList()))
                .toList();
        return new ElectLeadersResponse(0, error, results);
    }
}
