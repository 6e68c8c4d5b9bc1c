package io.millrace.client;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.QueueBrowseRequest;
import io.millrace.protocol.message.QueueBrowseResponse;
import io.millrace.protocol.message.QueueFetchResponse;
import io.millrace.protocol.wire.Records;
import io.millrace.record.InvalidRecordException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Asks the leaders of queues' partitions what they have that is not acknowledged. Safe for use by any thread. */
final class QueueBrowsing {
    private final ClusterMetadata metadata;
    private final AdminCalls calls;

    QueueBrowsing(ClusterMetadata metadata, AdminCalls calls) {
        this.metadata = metadata;
        this.calls = calls;
    }

    CompletableFuture<QueuePage> page(
            TopicPartition partition, long fromOffset, int maxBytes, @Nullable String selector) {
        return topicId(partition)
                .thenCompose(topicId -> calls.ask(AdminCalls.Question.<QueueBrowseResponse>of(
                        "show what " + partition + " holds from offset " + fromOffset + " on",
                        new AdminCalls.Target.Leader(partition),
                        new QueueBrowseRequest(topicId, partition.partition(), null, fromOffset, maxBytes, selector),
                        QueueBrowseResponse::errorCode)))
                .thenApply(response -> page(partition, response));
    }

    private CompletableFuture<UUID> topicId(TopicPartition partition) {
        return metadata.destination(partition.topic()).thenApply(found -> found.map(DestinationDescription::topicId)
                .orElseThrow(() -> new ClientException(
                        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, partition.topic() + " does not exist")));
    }

    private static QueuePage page(TopicPartition partition, QueueBrowseResponse response) {
        try {
            if (response.errorCode().isError()) {
                String why = response.errorMessage();
                throw new ClientException(
                        response.errorCode(),
                        "The cluster did not show what " + partition + " holds: " + response.errorCode()
                                + (why == null ? "" : ", " + why));
            }
            return new QueuePage(messages(partition, response), response.nextOffset(), response.endOffset());
        } catch (InvalidRecordException e) {
            throw new ClientException(
                    ErrorCode.CORRUPT_MESSAGE, "Messages of " + partition + " cannot be read: " + e.getMessage(), e);
        } finally {
            response.releaseRecords();
        }
    }

    private static List<QueueMessage> messages(TopicPartition partition, QueueBrowseResponse response)
            throws InvalidRecordException {
        Records records = response.records();
        if (records == null || response.ranges().isEmpty()) {
            return List.of();
        }
        var ranges = response.ranges().stream()
                .map(range -> new QueueFetchResponse.AcquiredRange(range.firstOffset(), range.lastOffset(), (short) 1))
                .toList();
        return QueueRecords.acquired(partition, records.buffer(), ranges).stream()
                .map(QueueBuffer.Arrival::message)
                .toList();
    }
}
