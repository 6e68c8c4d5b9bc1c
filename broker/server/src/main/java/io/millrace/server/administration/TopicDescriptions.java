package io.millrace.server.administration;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.DescribeTopicPartitionsRequest;
import io.millrace.protocol.message.DescribeTopicPartitionsResponse;
import io.millrace.protocol.message.DescribeTopicPartitionsResponse.Cursor;
import io.millrace.protocol.message.DescribeTopicPartitionsResponse.Partition;
import io.millrace.protocol.message.DescribeTopicPartitionsResponse.Topic;
import io.millrace.server.request.ClusterView;
import io.millrace.server.request.TopicNames;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Describes topics page by page (KIP-966), in the order of their names. */
record TopicDescriptions(ClusterView cluster) {
    /** {@code max.request.partition.size.limit} of Kafka, which nobody changes. */
    private static final int PARTITIONS_MAX = 2_000;

    private static final int OPERATIONS_UNKNOWN = Integer.MIN_VALUE;

    DescribeTopicPartitionsResponse page(DescribeTopicPartitionsRequest request) {
        ClusterImage image = cluster.image();
        int left = Math.max(1, Math.min(PARTITIONS_MAX, request.responsePartitionLimit()));
        var topics = new ArrayList<Topic>();
        for (String name : names(image, request)) {
            if (left == 0) {
                return new DescribeTopicPartitionsResponse(0, topics, new Cursor(name, 0));
            }
            Optional<TopicImage> topic = image.topic(name);
            if (topic.isEmpty()) {
                topics.add(Topic.error(name, refusal(name)));
                continue;
            }
            int first = first(request, name);
            int count = Math.min(left, Math.max(0, topic.get().partitionCount() - first));
            topics.add(topic(image, topic.get(), first, first + count));
            left -= count;
            if (first + count < topic.get().partitionCount()) {
                return new DescribeTopicPartitionsResponse(0, topics, new Cursor(name, first + count));
            }
        }
        return new DescribeTopicPartitionsResponse(0, topics, null);
    }

    private static Collection<String> names(ClusterImage image, DescribeTopicPartitionsRequest request) {
        var names = new TreeSet<String>();
        if (request.topics().isEmpty()) {
            image.topics().forEach(topic -> names.add(topic.name()));
        } else {
            request.topics().forEach(topic -> names.add(topic.name()));
        }
        var cursor = request.cursor();
        return cursor == null ? names : names.tailSet(cursor.topicName(), true);
    }

    private static int first(DescribeTopicPartitionsRequest request, String name) {
        var cursor = request.cursor();
        return cursor != null && cursor.topicName().equals(name) ? Math.max(0, cursor.partitionIndex()) : 0;
    }

    private static ErrorCode refusal(String name) {
        return TopicNames.isLegal(name) ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.INVALID_TOPIC_EXCEPTION;
    }

    private Topic topic(ClusterImage image, TopicImage topic, int from, int to) {
        var partitions = new ArrayList<Partition>(to - from);
        for (int index = from; index < to; index++) {
            partitions.add(partition(image, topic, index));
        }
        return new Topic(
                ErrorCode.NONE,
                topic.name(),
                topic.topicId(),
                TopicNames.isInternal(topic.name()),
                partitions,
                OPERATIONS_UNKNOWN);
    }

    private Partition partition(ClusterImage image, TopicImage topic, int index) {
        PartitionState state = topic.partitions().get(index);
        List<Integer> replicas = topic.assignment().get(index);
        boolean isLed = state.hasLeader() && image.brokers().containsKey(state.leaderId());
        return new Partition(
                isLed ? ErrorCode.NONE : ErrorCode.LEADER_NOT_AVAILABLE,
                index,
                isLed ? state.leaderId() : PartitionState.NO_LEADER,
                state.leaderEpoch(),
                replicas,
                state.inSyncReplicas(),
                state.eligibleLeaderReplicas(),
                List.of(),
                replicas.stream()
                        .filter(id -> !(isLed && id == state.leaderId()) && !cluster.isAlive(image, id))
                        .toList());
    }
}
