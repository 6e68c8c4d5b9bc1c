package io.millrace.client;

import io.millrace.client.ScriptedBroker.Caller;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.FetchRequest;
import io.millrace.protocol.message.FetchResponse;
import io.millrace.protocol.wire.Records;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** How a scripted broker serves long polls. */
final class ScriptedFetches {
    private final ScriptedCluster cluster;
    private final int brokerId;

    ScriptedFetches(ScriptedCluster cluster, int brokerId) {
        this.cluster = cluster;
        this.brokerId = brokerId;
    }

    void script(ScriptedBroker broker) {
        broker.on(ApiKey.FETCH, (FetchRequest request, Caller caller) -> fetch(broker, request));
    }

    CompletableFuture<FetchResponse> fetch(ScriptedBroker broker, FetchRequest request) {
        var answer = new CompletableFuture<FetchResponse>();
        synchronized (cluster) {
            if (isSatisfied(request)) {
                answer.complete(read(request));
                return answer;
            }
            Runnable wake = () -> {
                if (isSatisfied(request)) {
                    answer.complete(read(request));
                }
            };
            partitions(request).forEach(partition -> partition.onAppend(wake));
            answer.whenComplete((response, failure) -> {
                synchronized (cluster) {
                    partitions(request).forEach(partition -> partition.removeListener(wake));
                }
            });
            broker.schedule(
                    () -> {
                        synchronized (cluster) {
                            if (!answer.isDone()) {
                                answer.complete(read(request));
                            }
                        }
                    },
                    request.maxWaitMs(),
                    TimeUnit.MILLISECONDS);
        }
        return answer;
    }

    private List<ScriptedPartition> partitions(FetchRequest request) {
        var partitions = new ArrayList<ScriptedPartition>();
        for (FetchRequest.Topic topic : request.topics()) {
            var destination = cluster.destination(topic.topic(), topic.topicId());
            if (destination != null) {
                topic.partitions().forEach(wanted -> partitions.add(destination.partitions.get(wanted.partition())));
            }
        }
        return partitions;
    }

    private boolean isSatisfied(FetchRequest request) {
        for (FetchRequest.Topic topic : request.topics()) {
            var destination = cluster.destination(topic.topic(), topic.topicId());
            for (FetchRequest.Partition wanted : topic.partitions()) {
                if (destination == null) {
                    return true;
                }
                ScriptedPartition partition = destination.partitions.get(wanted.partition());
                if (errorOf(partition, wanted) != ErrorCode.NONE || partition.endOffset() > wanted.fetchOffset()) {
                    return true;
                }
            }
        }
        return false;
    }

    private ErrorCode errorOf(ScriptedPartition partition, FetchRequest.Partition wanted) {
        if (partition.leaderId() != brokerId) {
            return ErrorCode.NOT_LEADER_OR_FOLLOWER;
        }
        if (wanted.currentLeaderEpoch() >= 0 && wanted.currentLeaderEpoch() < partition.leaderEpoch()) {
            return ErrorCode.FENCED_LEADER_EPOCH;
        }
        if (wanted.currentLeaderEpoch() > partition.leaderEpoch()) {
            return ErrorCode.UNKNOWN_LEADER_EPOCH;
        }
        boolean inRange =
                wanted.fetchOffset() >= partition.startOffset() && wanted.fetchOffset() <= partition.endOffset();
        return inRange ? ErrorCode.NONE : ErrorCode.OFFSET_OUT_OF_RANGE;
    }

    private FetchResponse read(FetchRequest request) {
        var topics = new ArrayList<FetchResponse.Topic>();
        for (FetchRequest.Topic topic : request.topics()) {
            var destination = cluster.destination(topic.topic(), topic.topicId());
            var partitions = new ArrayList<FetchResponse.Partition>();
            for (FetchRequest.Partition wanted : topic.partitions()) {
                partitions.add(
                        destination == null
                                ? FetchResponse.Partition.error(wanted.partition(), ErrorCode.UNKNOWN_TOPIC_ID)
                                : read(destination.partitions.get(wanted.partition()), wanted));
            }
            topics.add(new FetchResponse.Topic(topic.topic(), topic.topicId(), partitions));
        }
        return new FetchResponse(0, ErrorCode.NONE, 0, topics, List.of());
    }

    private FetchResponse.Partition read(ScriptedPartition partition, FetchRequest.Partition wanted) {
        ErrorCode error = errorOf(partition, wanted);
        if (error != ErrorCode.NONE) {
            return FetchResponse.Partition.error(wanted.partition(), error);
        }
        long end = partition.endOffset();
        return FetchResponse.Partition.read(
                wanted.partition(),
                end,
                end,
                partition.startOffset(),
                Records.of(partition.read(wanted.fetchOffset(), wanted.partitionMaxBytes())));
    }
}
