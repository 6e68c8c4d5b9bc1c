package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/** Has some offsets of a group forgotten (KIP-496). */
public record OffsetDeleteRequest(String groupId, List<Topic> topics) implements Request {
    public record Partition(int partitionIndex) {
        static final Schema<Partition> SCHEMA =
                Schema.of(Partition.class).field("partitionIndex", INT32).build();
    }

    public record Topic(String name, List<Partition> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("name", STRING)
                .field("partitions", listOf(Partition.SCHEMA))
                .build();
    }

    public static final Schema<OffsetDeleteRequest> SCHEMA = Schema.of(OffsetDeleteRequest.class)
            .field("groupId", STRING)
            .field("topics", listOf(Topic.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.OFFSET_DELETE;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new OffsetDeleteResponse(error, 0, List.of());
    }
}
