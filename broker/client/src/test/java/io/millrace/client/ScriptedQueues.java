package io.millrace.client;

import io.millrace.client.ScriptedBroker.Caller;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.AcknowledgementBatch;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.QueueAcknowledgeRequest;
import io.millrace.protocol.message.QueueAcknowledgeResponse;
import io.millrace.protocol.message.QueueBrowseRequest;
import io.millrace.protocol.message.QueueBrowseResponse;
import io.millrace.protocol.message.QueueDetachRequest;
import io.millrace.protocol.message.QueueDetachResponse;
import io.millrace.protocol.message.QueueFetchRequest;
import io.millrace.protocol.message.QueueFetchResponse;
import io.millrace.protocol.wire.Records;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatch;
import io.millrace.record.RecordBatches;
import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** How a scripted broker dispatches queues. A held fetch ends with the next request of its connection. */
public final class ScriptedQueues {
    private final ScriptedCluster cluster;
    private final int brokerId;
    private final Map<Channel, Runnable> held = new HashMap<>();
    private final Set<Channel> known = new HashSet<>();

    ScriptedQueues(ScriptedCluster cluster, int brokerId) {
        this.cluster = cluster;
        this.brokerId = brokerId;
    }

    void script(ScriptedBroker broker) {
        broker.on(ApiKey.QUEUE_FETCH, (QueueFetchRequest request, Caller caller) -> fetch(broker, request, caller));
        broker.on(
                ApiKey.QUEUE_ACKNOWLEDGE,
                (QueueAcknowledgeRequest request, Caller caller) -> ScriptedBroker.now(acknowledge(request, caller)));
        broker.on(
                ApiKey.QUEUE_DETACH,
                (QueueDetachRequest request, Caller caller) -> ScriptedBroker.now(detach(request, caller)));
        broker.on(
                ApiKey.QUEUE_BROWSE,
                (QueueBrowseRequest request, Caller caller) -> ScriptedBroker.now(browse(request)));
    }

    private CompletableFuture<QueueFetchResponse> fetch(
            ScriptedBroker broker, QueueFetchRequest request, Caller caller) {
        var answer = new CompletableFuture<QueueFetchResponse>();
        synchronized (cluster) {
            endHeld(caller.channel());
            watch(caller.channel());
            Runnable attempt = () -> {
                if (!answer.isDone()) {
                    QueueFetchResponse response = acquire(request, caller);
                    if (hasSomething(response)) {
                        answer.complete(response);
                    }
                }
            };
            attempt.run();
            if (answer.isDone()) {
                return answer;
            }
            Runnable end = () -> {
                if (!answer.isDone()) {
                    answer.complete(acquire(request, caller));
                }
            };
            held.put(caller.channel(), end);
            cluster.onQueueChange(attempt);
            answer.whenComplete((response, failure) -> {
                synchronized (cluster) {
                    cluster.removeQueueListener(attempt);
                    held.remove(caller.channel(), end);
                }
            });
            broker.schedule(
                    () -> {
                        synchronized (cluster) {
                            end.run();
                        }
                    },
                    request.maxWaitMs(),
                    TimeUnit.MILLISECONDS);
        }
        return answer;
    }

    /** Ends a held fetch, as every later request of its connection does. */
    public void endHeldFetch(Caller caller) {
        synchronized (cluster) {
            endHeld(caller.channel());
        }
    }

    private void endHeld(Channel channel) {
        Runnable end = held.remove(channel);
        if (end != null) {
            end.run();
        }
    }

    private void watch(Channel channel) {
        if (known.add(channel)) {
            channel.closeFuture().addListener(ignored -> {
                synchronized (cluster) {
                    held.remove(channel);
                    cluster.forEachQueue(queue -> queue.releaseConnection(channel));
                    cluster.queueChanged();
                }
            });
        }
    }

    private static boolean hasSomething(QueueFetchResponse response) {
        return response.topics().stream()
                .flatMap(topic -> topic.partitions().stream())
                .anyMatch(partition ->
                        partition.errorCode().isError() || !partition.acquired().isEmpty());
    }

    private QueueFetchResponse acquire(QueueFetchRequest request, Caller caller) {
        var holder = new ScriptedQueue.Holder(caller.channel(), request.consumerId());
        int credit = caller.channel().isActive() ? request.maxRecords() : 0;
        var topics = new ArrayList<QueueFetchResponse.Topic>();
        for (QueueFetchRequest.Topic topic : request.topics()) {
            var destination = cluster.destination("", topic.topicId());
            var partitions = new ArrayList<QueueFetchResponse.Partition>();
            for (QueueFetchRequest.Partition wanted : topic.partitions()) {
                if (destination == null) {
                    partitions.add(
                            QueueFetchResponse.Partition.error(wanted.partitionIndex(), ErrorCode.UNKNOWN_TOPIC_ID));
                    continue;
                }
                ScriptedPartition partition = destination.partitions.get(wanted.partitionIndex());
                if (partition.leaderId() != brokerId) {
                    partitions.add(QueueFetchResponse.Partition.error(
                            wanted.partitionIndex(), ErrorCode.NOT_LEADER_OR_FOLLOWER));
                    continue;
                }
                List<Long> offsets =
                        partition.queue.acquire(holder, partition.startOffset(), partition.endOffset(), credit);
                credit -= offsets.size();
                partitions.add(acquired(wanted.partitionIndex(), partition, offsets));
            }
            topics.add(new QueueFetchResponse.Topic(topic.topicId(), partitions));
        }
        return new QueueFetchResponse(0, ErrorCode.NONE, topics);
    }

    private static QueueFetchResponse.Partition acquired(int index, ScriptedPartition partition, List<Long> offsets) {
        var ranges = offsets.stream()
                .map(offset -> new QueueFetchResponse.AcquiredRange(
                        offset, offset, (short) partition.queue.deliveryCount(offset)))
                .toList();
        Records records = offsets.isEmpty() ? Records.EMPTY : Records.of(partition.read(offsets.get(0), 1 << 20));
        return new QueueFetchResponse.Partition(
                index,
                ErrorCode.NONE,
                ErrorCode.NONE,
                partition.leaderId(),
                partition.leaderEpoch(),
                records,
                ranges,
                QueueFetchResponse.Redelivery.UNLIMITED);
    }

    /** What this broker does with acknowledgements. */
    public QueueAcknowledgeResponse acknowledge(QueueAcknowledgeRequest request, Caller caller) {
        synchronized (cluster) {
            endHeld(caller.channel());
            var holder = new ScriptedQueue.Holder(caller.channel(), request.consumerId());
            var topics = request.topics().stream()
                    .map(topic -> new QueueAcknowledgeResponse.Topic(
                            topic.topicId(),
                            topic.partitions().stream()
                                    .map(partition -> settle(topic.topicId(), partition, holder))
                                    .toList()))
                    .toList();
            cluster.queueChanged();
            return new QueueAcknowledgeResponse(0, ErrorCode.NONE, topics);
        }
    }

    private QueueAcknowledgeResponse.Partition settle(
            UUID topicId, QueueAcknowledgeRequest.Partition asked, ScriptedQueue.Holder holder) {
        var destination = cluster.destination("", topicId);
        if (destination == null) {
            return QueueAcknowledgeResponse.Partition.error(asked.partitionIndex(), ErrorCode.UNKNOWN_TOPIC_ID);
        }
        ScriptedPartition partition = destination.partitions.get(asked.partitionIndex());
        if (partition.leaderId() != brokerId) {
            return QueueAcknowledgeResponse.Partition.error(asked.partitionIndex(), ErrorCode.NOT_LEADER_OR_FOLLOWER);
        }
        for (AcknowledgementBatch batch : asked.acknowledgements()) {
            if (!partition.queue.holds(holder, batch.firstOffset(), batch.lastOffset())) {
                return QueueAcknowledgeResponse.Partition.error(asked.partitionIndex(), ErrorCode.INVALID_RECORD_STATE);
            }
        }
        asked.acknowledgements().forEach(partition.queue::settle);
        return QueueAcknowledgeResponse.Partition.error(asked.partitionIndex(), ErrorCode.NONE);
    }

    private QueueBrowseResponse browse(QueueBrowseRequest request) {
        synchronized (cluster) {
            var destination = cluster.destination("", request.topicId());
            if (destination == null) {
                return request.errorResponse(ErrorCode.UNKNOWN_TOPIC_ID);
            }
            ScriptedPartition partition = destination.partitions.get(request.partitionIndex());
            if (partition.leaderId() != brokerId) {
                return request.errorResponse(ErrorCode.NOT_LEADER_OR_FOLLOWER);
            }
            long end = partition.endOffset();
            if (request.maxBytes() == 0 || request.fromOffset() >= end) {
                long next = request.maxBytes() == 0 ? request.fromOffset() : Math.max(request.fromOffset(), end);
                return new QueueBrowseResponse(0, ErrorCode.NONE, next, end, Records.EMPTY, List.of());
            }
            Records records = Records.of(partition.read(request.fromOffset(), request.maxBytes()));
            long next = endOf(records);
            return new QueueBrowseResponse(
                    0, ErrorCode.NONE, next, end, records, partition.queue.notSettled(request.fromOffset(), next));
        }
    }

    private static long endOf(Records records) {
        try {
            long next = 0;
            for (RecordBatch batch : RecordBatches.listOf(records.buffer())) {
                next = batch.nextOffset();
            }
            return next;
        } catch (InvalidRecordException e) {
            throw new IllegalStateException("The script has written it", e);
        }
    }

    private QueueDetachResponse detach(QueueDetachRequest request, Caller caller) {
        synchronized (cluster) {
            endHeld(caller.channel());
            var holder = new ScriptedQueue.Holder(caller.channel(), request.consumerId());
            cluster.forEachQueue(queue -> queue.release(holder));
            cluster.queueChanged();
            return new QueueDetachResponse(ErrorCode.NONE);
        }
    }
}
