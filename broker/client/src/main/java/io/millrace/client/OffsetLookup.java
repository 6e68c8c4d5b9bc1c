package io.millrace.client;

import io.millrace.client.ConsumerConfiguration.Isolation;
import io.millrace.client.network.Connection;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ListOffsetsRequest;
import io.millrace.protocol.message.ListOffsetsResponse;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks leaders for offsets: of the ends of a log, or of a time.
 *
 * <p>Owned by its loop; {@link #find} may be called by any thread. It has connections of its own, so that no held fetch is
 * ahead of a question. Leaders that moved or went away are asked anew within the bound of each call.
 */
final class OffsetLookup implements BrokerConnections.Owner {
    private static final int CONSUMER = -1;

    /** One call: what is still to be found. */
    private static final class Search {
        private final Map<TopicPartition, Long> open;
        private final Map<TopicPartition, Long> found = new HashMap<>();
        private final Set<TopicPartition> asked = new HashSet<>();
        private final Isolation isolation;
        private final long deadlineNanos;
        private final CompletableFuture<Map<TopicPartition, Long>> result = new CompletableFuture<>();
        private String lastFailure = "no leader is known";

        Search(Map<TopicPartition, Long> wanted, Isolation isolation, long deadlineNanos) {
            this.open = new HashMap<>(wanted);
            this.isolation = isolation;
            this.deadlineNanos = deadlineNanos;
        }
    }

    private final EventLoop loop;
    private final ClientContext context;
    private final BrokerConnections connections;
    private final Set<Search> searches = new HashSet<>();
    private final Runnable onMetadata = this::onProgressPossible;

    OffsetLookup(EventLoop loop, ClientContext context) {
        this.loop = loop;
        this.context = context;
        this.connections = new BrokerConnections(loop, context.configuration(), context.backoff(), this);
        context.metadata().listen(onMetadata);
    }

    /**
     * The first offset at or after a time, or an end of the log.
     *
     * @param timestamps in milliseconds, {@link ListOffsetsRequest#LATEST} or {@link ListOffsetsRequest#EARLIEST}
     * @param isolation whether the end is that of all records or of what no open transaction holds up
     * @return without the partitions that have no such record; fails with a {@link ClientException}
     */
    CompletableFuture<Map<TopicPartition, Long>> find(
            Map<TopicPartition, Long> timestamps, Isolation isolation, Duration bound) {
        var search = new Search(timestamps, isolation, System.nanoTime() + bound.toNanos());
        boolean accepted = Loops.run(loop, () -> {
            searches.add(search);
            loop.schedule(() -> expire(search), bound.toNanos(), TimeUnit.NANOSECONDS);
            proceed(search);
        });
        if (!accepted) {
            search.result.completeExceptionally(
                    new ClientException(ErrorCode.NETWORK_EXCEPTION, "The client is closed"));
        }
        return search.result;
    }

    private void expire(Search search) {
        if (searches.remove(search)) {
            search.result.completeExceptionally(new ClientException(
                    ErrorCode.REQUEST_TIMED_OUT,
                    "The offsets of " + search.open.keySet() + " could not be found in time: " + search.lastFailure));
        }
    }

    @Override
    public void onProgressPossible() {
        Loops.run(loop, () -> List.copyOf(searches).forEach(this::proceed));
    }

    @Override
    public void onBrokerLost(BrokerNode broker, String why) {
        searches.forEach(search -> {
            search.lastFailure = why;
            search.open.keySet().forEach(partition -> context.metadata().want(partition.topic()));
        });
    }

    private void proceed(Search search) {
        if (search.open.isEmpty()) {
            if (searches.remove(search)) {
                search.result.complete(search.found);
            }
            return;
        }
        var byLeader = new LinkedHashMap<BrokerNode, List<TopicPartition>>();
        for (TopicPartition partition : search.open.keySet()) {
            if (!search.asked.contains(partition)) {
                BrokerNode leader = context.metadata().leaderOf(partition);
                if (leader == null) {
                    context.metadata().want(partition.topic());
                } else {
                    byLeader.computeIfAbsent(leader, ignored -> new ArrayList<>())
                            .add(partition);
                }
            }
        }
        byLeader.forEach((leader, partitions) -> ask(search, leader, partitions));
    }

    private void ask(Search search, BrokerNode leader, List<TopicPartition> partitions) {
        Connection connection = connections.openTo(leader);
        if (connection == null) {
            return;
        }
        var topics = new LinkedHashMap<String, List<ListOffsetsRequest.Partition>>();
        for (TopicPartition partition : partitions) {
            var known = context.metadata().partitionOf(partition);
            int leaderEpoch = known == null ? -1 : known.leaderEpoch();
            topics.computeIfAbsent(partition.topic(), ignored -> new ArrayList<>())
                    .add(new ListOffsetsRequest.Partition(
                            partition.partition(), leaderEpoch, search.open.getOrDefault(partition, -1L)));
        }
        var request = new ListOffsetsRequest(
                CONSUMER,
                search.isolation.wireValue(),
                topics.entrySet().stream()
                        .map(topic -> new ListOffsetsRequest.Topic(topic.getKey(), topic.getValue()))
                        .toList(),
                (int) context.configuration().requestTimeout().toMillis());
        search.asked.addAll(partitions);
        long leftNanos = Math.max(1, search.deadlineNanos - System.nanoTime());
        connection
                .<ListOffsetsResponse>send(request, Duration.ofNanos(leftNanos))
                .whenComplete((response, failure) -> onAnswer(search, partitions, response, failure));
    }

    private void onAnswer(
            Search search,
            List<TopicPartition> partitions,
            @Nullable ListOffsetsResponse response,
            @Nullable Throwable failure) {
        if (response != null) {
            for (ListOffsetsResponse.Topic topic : response.topics()) {
                for (ListOffsetsResponse.Partition partition : topic.partitions()) {
                    take(search, new TopicPartition(topic.name(), partition.partitionIndex()), partition);
                }
            }
        } else {
            search.lastFailure = Failures.messageOf(failure);
        }
        if (search.open.isEmpty()) {
            proceed(search);
            return;
        }
        search.open.keySet().forEach(partition -> context.metadata().want(partition.topic()));
        loop.schedule(
                () -> {
                    search.asked.removeAll(partitions);
                    proceed(search);
                },
                context.backoff().pauseNanos(1),
                TimeUnit.NANOSECONDS);
    }

    private void take(Search search, TopicPartition partition, ListOffsetsResponse.Partition answer) {
        if (!answer.errorCode().isError()) {
            search.open.remove(partition);
            if (answer.offset() >= 0) {
                search.found.put(partition, answer.offset());
            }
            return;
        }
        search.lastFailure = partition + " was answered with " + answer.errorCode();
        if (!answer.errorCode().isRetriable() && searches.remove(search)) {
            search.result.completeExceptionally(new ClientException(
                    answer.errorCode(), "The offset of " + partition + " was refused: " + answer.errorCode()));
        }
    }

    /** Fails what is under way and ends the connections. On the loop. */
    void close() {
        context.metadata().unlisten(onMetadata);
        connections.close();
        List.copyOf(searches).forEach(search -> {
            search.lastFailure = "the client was closed";
            expire(search);
        });
    }
}
