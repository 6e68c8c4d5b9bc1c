package io.millrace.client;

import static io.millrace.client.ScriptedBroker.now;

import io.millrace.client.ScriptedBroker.Caller;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.CreateTopicsRequest;
import io.millrace.protocol.message.CreateTopicsResponse;
import io.millrace.protocol.message.DeleteTopicsRequest;
import io.millrace.protocol.message.DeleteTopicsResponse;
import io.millrace.protocol.message.DescribeDestinationsRequest;
import io.millrace.protocol.message.DescribeDestinationsResponse;
import io.millrace.protocol.message.InitProducerIdRequest;
import io.millrace.protocol.message.InitProducerIdResponse;
import io.millrace.protocol.message.ListOffsetsRequest;
import io.millrace.protocol.message.ListOffsetsResponse;
import io.millrace.protocol.message.ProduceRequest;
import io.millrace.protocol.message.ProduceResponse;
import io.millrace.protocol.message.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Scripted brokers that share one memory: as much of a cluster as a client can tell from a real one. Leaders change
 * when a test says so; what is stored outlives its broker.
 *
 * <p>Guarded by this. Each script of a broker can be replaced by the test's own, to fail in any way.
 */
public final class ScriptedCluster implements AutoCloseable {
    /** A topic or queue. */
    public static final class Destination {
        final String name;
        final UUID topicId = UUID.randomUUID();
        final DestinationKind kind;
        final List<ScriptedPartition> partitions = new ArrayList<>();

        Destination(String name, DestinationKind kind) {
            this.name = name;
            this.kind = kind;
        }
    }

    private final List<ScriptedBroker> brokers = new ArrayList<>();
    private final Map<String, Destination> destinations = new TreeMap<>();
    private final List<Runnable> queueListeners = new ArrayList<>();
    private final AtomicLong producerIds = new AtomicLong(1000);

    public ScriptedCluster(int brokerCount) {
        for (int id = 0; id < brokerCount; id++) {
            brokers.add(script(id, ScriptedBroker.start()));
        }
    }

    public ScriptedBroker broker(int id) {
        return brokers.get(id);
    }

    public String bootstrapServers() {
        return String.join(",", brokers.stream().map(ScriptedBroker::address).toList());
    }

    /** A client with timeouts that suit tests. */
    public ClusterClient newClient() {
        return ClusterClient.open(configuration());
    }

    ClientConfiguration configuration() {
        return ClientConfiguration.of(bootstrapServers())
                .withClientId("test")
                .withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(10));
    }

    /** Creates a destination; partition n is led by broker n, modulo their number. */
    public synchronized Destination create(String name, DestinationKind kind, int partitionCount) {
        var destination = new Destination(name, kind);
        for (int i = 0; i < partitionCount; i++) {
            destination.partitions.add(new ScriptedPartition(i % brokers.size()));
        }
        destinations.put(name, destination);
        return destination;
    }

    public synchronized void delete(String name) {
        destinations.remove(name);
    }

    public synchronized void addPartition(String name) {
        Destination destination = destinations.get(name);
        destination.partitions.add(new ScriptedPartition(destination.partitions.size() % brokers.size()));
    }

    public synchronized ScriptedPartition partition(String name, int partition) {
        return destinations.get(name).partitions.get(partition);
    }

    /** Another broker leads a partition from now on; -1 for none. What was acquired of it is available again. */
    public synchronized void lead(String name, int partition, int brokerId) {
        partition(name, partition).lead(brokerId);
        partition(name, partition).queue.releaseAll();
        queueChanged();
    }

    /** Ends a broker's threads and port; its port is free until {@link #restart}. */
    public int stop(int id) {
        int port = brokers.get(id).port();
        brokers.get(id).close();
        return port;
    }

    public void restart(int id, int port) {
        brokers.set(id, script(id, ScriptedBroker.startOn(port)));
    }

    private ScriptedBroker script(int id, ScriptedBroker broker) {
        broker.on(
                ApiKey.DESCRIBE_DESTINATIONS,
                (DescribeDestinationsRequest request, Caller c) -> now(describe(request)));
        broker.on(
                ApiKey.INIT_PRODUCER_ID,
                (InitProducerIdRequest request, Caller c) ->
                        now(new InitProducerIdResponse(0, ErrorCode.NONE, producerIds.incrementAndGet(), (short) 0)));
        broker.on(ApiKey.PRODUCE, (ProduceRequest request, Caller c) -> produced(id, request));
        broker.on(ApiKey.LIST_OFFSETS, (ListOffsetsRequest request, Caller c) -> now(offsets(id, request)));
        broker.on(ApiKey.CREATE_TOPICS, (CreateTopicsRequest request, Caller c) -> now(created(request)));
        broker.on(ApiKey.DELETE_TOPICS, (DeleteTopicsRequest request, Caller c) -> now(deleted(request)));
        new ScriptedFetches(this, id).script(broker);
        new ScriptedQueues(this, id).script(broker);
        return broker;
    }

    public synchronized DescribeDestinationsResponse describe(DescribeDestinationsRequest request) {
        var alive = IntStream.range(0, brokers.size())
                .mapToObj(id -> new DescribeDestinationsResponse.Broker(
                        id, "127.0.0.1", brokers.get(id).port(), null))
                .toList();
        var names = request.names() == null ? destinations.keySet() : request.names();
        return new DescribeDestinationsResponse(
                0, ErrorCode.NONE, 0, alive, names.stream().map(this::described).toList());
    }

    private DescribeDestinationsResponse.Destination described(String name) {
        Destination destination = destinations.get(name);
        if (destination == null) {
            return DescribeDestinationsResponse.Destination.error(name, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        }
        var partitions = IntStream.range(0, destination.partitions.size())
                .mapToObj(i -> {
                    ScriptedPartition partition = destination.partitions.get(i);
                    return new DescribeDestinationsResponse.Partition(
                            i,
                            ErrorCode.NONE,
                            partition.leaderId(),
                            partition.leaderEpoch(),
                            0,
                            List.of(partition.leaderId()),
                            List.of(partition.leaderId()));
                })
                .toList();
        byte kind = (byte) destination.kind.ordinal();
        return new DescribeDestinationsResponse.Destination(
                ErrorCode.NONE, name, destination.topicId, kind, false, List.of(), partitions);
    }

    /** Stores what a produce request brings, as broker {@code id}. */
    public CompletableFuture<? extends Response> produced(int id, ProduceRequest request) {
        ProduceResponse response = produce(id, request);
        return request.acks() == 0 ? null : now(response);
    }

    public synchronized ProduceResponse produce(int id, ProduceRequest request) {
        var topics = request.topicData().stream()
                .map(topic -> new ProduceResponse.Topic(
                        topic.name(),
                        topic.topicId(),
                        topic.partitionData().stream()
                                .map(data -> append(id, destination(topic.name(), topic.topicId()), data))
                                .toList()))
                .toList();
        queueChanged();
        return new ProduceResponse(topics, 0, List.of());
    }

    private static ProduceResponse.Partition append(int id, Destination destination, ProduceRequest.Partition data) {
        if (destination == null || data.index() >= destination.partitions.size()) {
            return ProduceResponse.Partition.error(data.index(), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        }
        ScriptedPartition partition = destination.partitions.get(data.index());
        if (partition.leaderId() != id) {
            return ProduceResponse.Partition.error(data.index(), ErrorCode.NOT_LEADER_OR_FOLLOWER);
        }
        ScriptedPartition.Appended appended = partition.append(data.records().buffer());
        return appended.errorCode() == ErrorCode.NONE
                ? ProduceResponse.Partition.appended(data.index(), appended.baseOffset(), -1, 0)
                : ProduceResponse.Partition.error(data.index(), appended.errorCode());
    }

    synchronized void onQueueChange(Runnable listener) {
        queueListeners.add(listener);
    }

    synchronized void removeQueueListener(Runnable listener) {
        queueListeners.remove(listener);
    }

    /** Something may be available to consumers that had nothing. */
    synchronized void queueChanged() {
        List.copyOf(queueListeners).forEach(Runnable::run);
    }

    synchronized void forEachQueue(Consumer<ScriptedQueue> action) {
        destinations.values().forEach(destination -> destination.partitions.forEach(each -> action.accept(each.queue)));
    }

    synchronized Destination destination(String name, UUID topicId) {
        if (!name.isEmpty()) {
            return destinations.get(name);
        }
        return destinations.values().stream()
                .filter(destination -> destination.topicId.equals(topicId))
                .findAny()
                .orElse(null);
    }

    private synchronized ListOffsetsResponse offsets(int id, ListOffsetsRequest request) {
        return new ListOffsetsResponse(
                0,
                request.topics().stream()
                        .map(topic -> new ListOffsetsResponse.Topic(
                                topic.name(),
                                topic.partitions().stream()
                                        .map(wanted -> offset(id, destinations.get(topic.name()), wanted))
                                        .toList()))
                        .toList());
    }

    private static ListOffsetsResponse.Partition offset(
            int id, Destination destination, ListOffsetsRequest.Partition wanted) {
        if (destination == null) {
            return ListOffsetsResponse.Partition.error(wanted.partitionIndex(), ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        }
        ScriptedPartition partition = destination.partitions.get(wanted.partitionIndex());
        if (partition.leaderId() != id) {
            return ListOffsetsResponse.Partition.error(wanted.partitionIndex(), ErrorCode.NOT_LEADER_OR_FOLLOWER);
        }
        long offset = partition.offsetFor(wanted.timestamp());
        return new ListOffsetsResponse.Partition(
                wanted.partitionIndex(), ErrorCode.NONE, wanted.timestamp(), offset, partition.leaderEpoch());
    }

    private synchronized CreateTopicsResponse created(CreateTopicsRequest request) {
        return new CreateTopicsResponse(
                0,
                request.topics().stream()
                        .map(topic -> {
                            if (destinations.containsKey(topic.name())) {
                                return CreateTopicsResponse.Topic.error(
                                        topic.name(), ErrorCode.TOPIC_ALREADY_EXISTS, "there is one already");
                            }
                            boolean isQueue = topic.configs().stream()
                                    .anyMatch(config ->
                                            config.name().equals("destination.kind") && "queue".equals(config.value()));
                            var kind = isQueue ? DestinationKind.QUEUE : DestinationKind.TOPIC;
                            Destination made = create(topic.name(), kind, Math.max(1, topic.numPartitions()));
                            return new CreateTopicsResponse.Topic(
                                    topic.name(),
                                    made.topicId,
                                    ErrorCode.NONE,
                                    null,
                                    made.partitions.size(),
                                    (short) 1,
                                    List.of(),
                                    ErrorCode.NONE);
                        })
                        .toList());
    }

    private synchronized DeleteTopicsResponse deleted(DeleteTopicsRequest request) {
        return new DeleteTopicsResponse(
                0,
                request.topics().stream()
                        .map(topic -> new DeleteTopicsResponse.Topic(
                                topic.name(),
                                topic.topicId(),
                                destinations.remove(topic.name()) == null
                                        ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION
                                        : ErrorCode.NONE,
                                null))
                        .toList());
    }

    @Override
    public void close() {
        brokers.forEach(ScriptedBroker::close);
    }
}
