package io.millrace.server.administration;

import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.OffsetForLeaderEpochRequest;
import io.millrace.protocol.message.OffsetForLeaderEpochResponse;
import io.millrace.protocol.message.OffsetForLeaderEpochResponse.Partition;
import io.millrace.replication.LogKind;
import io.millrace.replication.OffsetLookup;
import io.millrace.replication.PartitionKey;
import io.millrace.replication.Replicas;
import io.millrace.server.request.ClusterView;
import java.util.Optional;

/**
 * Tells clients where leader epochs end (KIP-320), so that a consumer notices when what it has read was taken back.
 *
 * <p>Errors of a partition: UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER, FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH.
 */
record LeaderEpochEnds(ClusterView cluster, Replicas replicas) {

    OffsetForLeaderEpochResponse find(OffsetForLeaderEpochRequest request) {
        return new OffsetForLeaderEpochResponse(
                0,
                request.topics().stream()
                        .map(topic -> new OffsetForLeaderEpochResponse.Topic(
                                topic.topic(),
                                topic.partitions().stream()
                                        .map(asked -> find(topic.topic(), asked))
                                        .toList()))
                        .toList());
    }

    private Partition find(String topicName, OffsetForLeaderEpochRequest.Partition asked) {
        Optional<TopicImage> topic = cluster.image().topic(topicName).filter(known -> known.partition(asked.partition())
                .isPresent());
        if (topic.isEmpty()) {
            return Partition.error(asked.partition(), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        }
        return replicas.partition(new PartitionKey(topic.get().topicId(), asked.partition()))
                .map(partition ->
                        partition.endOffsetForEpoch(LogKind.DATA, asked.currentLeaderEpoch(), asked.leaderEpoch()))
                .map(found -> answer(asked, found))
                .orElseGet(() -> Partition.error(asked.partition(), ErrorCode.NOT_LEADER_OR_FOLLOWER));
    }

    private static Partition answer(OffsetForLeaderEpochRequest.Partition asked, OffsetLookup found) {
        return found.errorCode().isError()
                ? Partition.error(asked.partition(), found.errorCode())
                : new Partition(ErrorCode.NONE, asked.partition(), found.leaderEpoch(), found.offset());
    }
}
