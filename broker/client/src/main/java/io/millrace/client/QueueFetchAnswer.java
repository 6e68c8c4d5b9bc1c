package io.millrace.client;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.ERROR;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.QueueFetchResponse;
import io.millrace.protocol.wire.Records;
import io.millrace.record.InvalidRecordException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * What a leader has answered to a fetch: messages, copied out of the answer's buffers, and in which epoch it leads.
 *
 * @param isRefused whether there was an error of the whole or of a partition
 * @param leaderEpochs by the number of the partition
 * @param errors by the number of the partition, NONE among them
 * @param redelivery what becomes of the messages that are released; empty where there are none
 */
record QueueFetchAnswer(
        boolean isRefused,
        Map<Integer, Integer> leaderEpochs,
        Map<Integer, ErrorCode> errors,
        List<Acquisitions> acquisitions,
        Optional<QueueRedelivery> redelivery) {
    private static final System.Logger LOGGER = System.getLogger(QueueFetchAnswer.class.getName());

    /** Messages that one partition has given. */
    record Acquisitions(QueueBuffer.Origin origin, List<QueueBuffer.Arrival> arrivals) {}

    static QueueFetchAnswer of(String queue, QueueSession session, QueueFetchResponse response) {
        boolean refused = response.errorCode().isError();
        var leaderEpochs = new HashMap<Integer, Integer>();
        var errors = new HashMap<Integer, ErrorCode>();
        var acquisitions = new ArrayList<Acquisitions>();
        for (QueueFetchResponse.Topic topic : response.topics()) {
            for (QueueFetchResponse.Partition partition : topic.partitions()) {
                errors.put(partition.partitionIndex(), partition.errorCode());
                leaderEpochs.put(partition.partitionIndex(), partition.leaderEpoch());
                if (partition.errorCode().isError()) {
                    refused = true;
                    LOGGER.log(
                            DEBUG,
                            () -> session.broker() + " answered " + partition.errorCode() + " for partition "
                                    + partition.partitionIndex() + " of " + queue);
                } else {
                    addTo(acquisitions, queue, session, topic.topicId(), partition);
                }
            }
        }
        return new QueueFetchAnswer(refused, leaderEpochs, errors, acquisitions, redelivery(response));
    }

    private static Optional<QueueRedelivery> redelivery(QueueFetchResponse response) {
        return response.topics().stream()
                .flatMap(topic -> topic.partitions().stream())
                .filter(partition -> !partition.acquired().isEmpty())
                .map(QueueFetchResponse.Partition::redelivery)
                .map(told -> new QueueRedelivery(told.deliveriesMax(), Duration.ofMillis(told.delayMs())))
                .findFirst();
    }

    private static void addTo(
            List<Acquisitions> acquisitions,
            String queue,
            QueueSession session,
            UUID topicId,
            QueueFetchResponse.Partition fetched) {
        var arrivals = arrivals(new TopicPartition(queue, fetched.partitionIndex()), fetched);
        if (!arrivals.isEmpty()) {
            acquisitions.add(
                    new Acquisitions(new QueueBuffer.Origin(session, topicId, fetched.leaderEpoch()), arrivals));
        }
    }

    private static List<QueueBuffer.Arrival> arrivals(TopicPartition partition, QueueFetchResponse.Partition fetched) {
        Records records = fetched.records();
        if (records == null || fetched.acquired().isEmpty()) {
            return List.of();
        }
        try {
            return QueueRecords.acquired(partition, records.buffer(), fetched.acquired());
        } catch (InvalidRecordException e) {
            // They stay acquired, so that no consumer trips over them again and again, until this one is closed.
            LOGGER.log(
                    ERROR,
                    () -> "Messages of " + partition + " cannot be read: " + e.getMessage()
                            + "; they are held back until this consumer is closed");
            return List.of();
        }
    }

    /** Whether the leader has given nothing but a refusal. */
    boolean isMereRefusal() {
        return isRefused && acquisitions.isEmpty();
    }
}
