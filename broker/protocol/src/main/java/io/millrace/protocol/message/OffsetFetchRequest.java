package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Asks how far consumer groups have read.
 *
 * <p>Up to version 7 one group and its topics, from version 8 on any number of {@code groups}. Null topics ask for all.
 */
public record OffsetFetchRequest(
        String groupId, @Nullable List<Topic> topics, List<Group> groups, boolean requireStable) implements Request {
    public record Topic(String name, List<Integer> partitionIndexes) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("name", STRING)
                .field("partitionIndexes", listOf(INT32))
                .build();
    }

    public record GroupTopic(String name, UUID topicId, List<Integer> partitionIndexes) {
        static final Schema<GroupTopic> SCHEMA = Schema.of(GroupTopic.class)
                .field("name", STRING.until(9))
                .field("topicId", UUID.since(10))
                .field("partitionIndexes", listOf(INT32))
                .build();
    }

    /** One group of version 8 on. */
    public record Group(String groupId, @Nullable String memberId, int memberEpoch, @Nullable List<GroupTopic> topics) {
        static final Schema<Group> SCHEMA = Schema.of(Group.class)
                .field("groupId", STRING)
                .field("memberId", NULLABLE_STRING.since(9))
                .field("memberEpoch", INT32.since(9).orElse(-1))
                .field("topics", nullableListOf(GroupTopic.SCHEMA))
                .build();
    }

    public static final Schema<OffsetFetchRequest> SCHEMA = Schema.of(OffsetFetchRequest.class)
            .field("groupId", STRING.until(7).required())
            .field("topics", nullableListOf(Topic.SCHEMA).until(7).required())
            .field("groups", listOf(Group.SCHEMA).since(8).required())
            .field("requireStable", BOOL.since(7).required())
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.OFFSET_FETCH;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        if (!groups.isEmpty()) {
            var failed = groups.stream()
                    .map(group -> new OffsetFetchResponse.Group(group.groupId(), List.of(), error))
                    .toList();
            return new OffsetFetchResponse(0, List.of(), ErrorCode.NONE, failed);
        }
        List<Topic> named = topics == null ? List.of() : topics;
        // Version 1 has no error code of its own: every partition carries it.
        var failed = named.stream()
                .map(topic -> new OffsetFetchResponse.Topic(
                        topic.name(),
                        topic.partitionIndexes().stream()
                                .map(partition -> OffsetFetchResponse.Partition.error(partition, error))
                                .toList()))
                .toList();
        return new OffsetFetchResponse(0, failed, error, List.of());
    }
}
