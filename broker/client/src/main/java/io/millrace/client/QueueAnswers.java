package io.millrace.client;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.QueueAcknowledgeRequest;
import io.millrace.protocol.message.QueueAcknowledgeResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What is written in acknowledgements and read from their answers. */
final class QueueAnswers {
    private QueueAnswers() {}

    /** All settlements, gathered by queue and partition. */
    static List<QueueAcknowledgeRequest.Topic> acknowledgements(List<QueueSettlement> settlements) {
        var byTopic = new LinkedHashMap<UUID, TreeMap<Integer, QueueAcknowledgeRequest.Partition>>();
        for (QueueSettlement settlement : settlements) {
            byTopic.computeIfAbsent(settlement.topicId(), ignored -> new TreeMap<>())
                    .computeIfAbsent(
                            settlement.partition().partition(),
                            index -> new QueueAcknowledgeRequest.Partition(index, new ArrayList<>()))
                    .acknowledgements()
                    .addAll(settlement.ranges());
        }
        return byTopic.entrySet().stream()
                .map(topic -> new QueueAcknowledgeRequest.Topic(
                        topic.getKey(), List.copyOf(topic.getValue().values())))
                .toList();
    }

    /** What the broker said of the partition of a settlement; null where it said nothing. */
    static @Nullable ErrorCode outcomeOf(QueueSettlement settlement, QueueAcknowledgeResponse response) {
        if (response.errorCode().isError()) {
            return response.errorCode();
        }
        return response.topics().stream()
                .filter(topic -> topic.topicId().equals(settlement.topicId()))
                .flatMap(topic -> topic.partitions().stream())
                .filter(partition ->
                        partition.partitionIndex() == settlement.partition().partition())
                .map(QueueAcknowledgeResponse.Partition::errorCode)
                .findFirst()
                .orElse(null);
    }

    /** Whether the same broker may take the same acknowledgement later: it still leads, but could not commit it. */
    static boolean mayPass(@Nullable ErrorCode outcome) {
        return outcome == ErrorCode.NOT_ENOUGH_REPLICAS
                || outcome == ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND
                || outcome == ErrorCode.REQUEST_TIMED_OUT
                || outcome == ErrorCode.THROTTLING_QUOTA_EXCEEDED;
    }

    /** Whether the refusal may be due to another settlement: one that is void, or one of the same messages. */
    static boolean mayBeOfAnother(@Nullable ErrorCode outcome) {
        return outcome == ErrorCode.INVALID_RECORD_STATE || outcome == ErrorCode.INVALID_REQUEST;
    }

    /** Whether others took effect, or not, together with this one. */
    static boolean sharesPartition(QueueSettlement settlement, List<QueueSettlement> taken) {
        return taken.stream()
                .anyMatch(other -> !other.equals(settlement)
                        && other.topicId().equals(settlement.topicId())
                        && other.partition().equals(settlement.partition()));
    }

    /** Whether the broker that has answered this holds the messages for the consumer no more. */
    static boolean isHeldNoMore(ErrorCode outcome) {
        return outcome == ErrorCode.INVALID_RECORD_STATE
                || outcome == ErrorCode.NOT_LEADER_OR_FOLLOWER
                || outcome == ErrorCode.UNKNOWN_TOPIC_ID
                || outcome == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
    }

    static ClientException refusal(
            QueueSettlement settlement, BrokerNode broker, @Nullable ErrorCode outcome, @Nullable Throwable failure) {
        ErrorCode code = outcome != null
                ? outcome
                : failure != null ? Failures.errorCodeOf(failure) : ErrorCode.UNKNOWN_SERVER_ERROR;
        String why = failure != null ? Failures.messageOf(failure) : broker + " answered " + code;
        return new ClientException(
                code, settlement + " did not take effect for certain, and they may be delivered again: " + why);
    }
}
