package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/** Asks the leaders of partitions which producers they remember (KIP-664). */
public record DescribeProducersRequest(List<Topic> topics) implements Request {
    public record Topic(String name, List<Integer> partitionIndexes) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("name", STRING)
                .field("partitionIndexes", listOf(INT32))
                .build();
    }

    public static final Schema<DescribeProducersRequest> SCHEMA = Schema.of(DescribeProducersRequest.class)
            .field("topics", listOf(Topic.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DESCRIBE_PRODUCERS;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new DescribeProducersResponse(
                0,
                topics.stream()
                        .map(topic -> new DescribeProducersResponse.Topic(
                                topic.name(),
                                topic.partitionIndexes().stream()
                                        .map(index -> DescribeProducersResponse.Partition.error(index, error))
                                        .toList()))
                        .toList());
    }
}
