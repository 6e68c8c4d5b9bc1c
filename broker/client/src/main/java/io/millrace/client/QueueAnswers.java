package io.millrace.client;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.QueueAcknowledgeRequest;
import io.millrace.protocol.message.QueueAcknowledgeResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What is written in acknowledgements and read from their answers. */
final class QueueAnswers {
    private QueueAnswers() {}

    /** All settlements, gathered by partition. */
    static QueueAcknowledgeRequest.Topic acknowledgements(UUID topicId, List<QueueSettlement> settlements) {
        var byPartition = new TreeMap<Integer, QueueAcknowledgeRequest.Partition>();
        for (QueueSettlement settlement : settlements) {
            byPartition
                    .computeIfAbsent(
                            settlement.partition().partition(),
                            index -> new QueueAcknowledgeRequest.Partition(index, new ArrayList<>()))
                    .acknowledgements()
                    .addAll(settlement.ranges());
        }
        return new QueueAcknowledgeRequest.Topic(topicId, List.copyOf(byPartition.values()));
    }

    /** What the broker said of the partition of a settlement; null where it said nothing. */
    static @Nullable ErrorCode outcomeOf(QueueSettlement settlement, QueueAcknowledgeResponse response) {
        if (response.errorCode().isError()) {
            return response.errorCode();
        }
        for (QueueAcknowledgeResponse.Topic topic : response.topics()) {
            for (QueueAcknowledgeResponse.Partition partition : topic.partitions()) {
                if (partition.partitionIndex() == settlement.partition().partition()) {
                    return partition.errorCode();
                }
            }
        }
        return null;
    }

    /** Whether the same broker may take the same acknowledgement later: it still leads, but could not commit it. */
    static boolean mayPass(@Nullable ErrorCode outcome) {
        return outcome == ErrorCode.NOT_ENOUGH_REPLICAS
                || outcome == ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND
                || outcome == ErrorCode.REQUEST_TIMED_OUT
                || outcome == ErrorCode.THROTTLING_QUOTA_EXCEEDED;
    }

    /** Whether others took effect, or not, together with this one. */
    static boolean sharesPartition(QueueSettlement settlement, List<QueueSettlement> taken) {
        return taken.stream()
                .anyMatch(
                        other -> !other.equals(settlement) && other.partition().equals(settlement.partition()));
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
