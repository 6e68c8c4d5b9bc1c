package io.millrace.server.request;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.PartitionState;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.LeaderIdAndEpoch;
import io.millrace.protocol.message.NodeEndpoint;
import io.millrace.replication.PartitionKey;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The leaders that one response names, so that a client which asked the wrong broker need not ask for metadata (KIP-951). */
final class Leaders {
    private final ClusterImage image;
    private final Map<Integer, NodeEndpoint> named = new LinkedHashMap<>();

    Leaders(ClusterImage image) {
        this.image = image;
    }

    static boolean isWorthNaming(ErrorCode error) {
        return error == ErrorCode.NOT_LEADER_OR_FOLLOWER || error == ErrorCode.FENCED_LEADER_EPOCH;
    }

    LeaderIdAndEpoch leaderOf(PartitionKey partition) {
        return image.topic(partition.topicId())
                .flatMap(topic -> topic.partition(partition.partition()))
                .filter(PartitionState::hasLeader)
                .map(this::named)
                .orElse(LeaderIdAndEpoch.UNKNOWN);
    }

    private LeaderIdAndEpoch named(PartitionState state) {
        var broker = image.brokers().get(state.leaderId());
        if (broker == null) {
            return LeaderIdAndEpoch.UNKNOWN;
        }
        named.put(broker.brokerId(), new NodeEndpoint(broker.brokerId(), broker.host(), broker.port(), broker.rack()));
        return new LeaderIdAndEpoch(state.leaderId(), state.leaderEpoch());
    }

    List<NodeEndpoint> endpoints() {
        return List.copyOf(named.values());
    }
}
