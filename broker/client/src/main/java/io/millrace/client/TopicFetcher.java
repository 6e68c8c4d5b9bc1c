package io.millrace.client;

import static java.lang.System.Logger.Level.DEBUG;

import io.millrace.client.ConsumerConfiguration.StartingPosition;
import io.millrace.client.FetchBuffer.Wanted;
import io.millrace.client.network.Connection;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.FetchRequest;
import io.millrace.protocol.message.FetchResponse;
import io.millrace.protocol.message.ListOffsetsRequest;
import io.millrace.protocol.wire.Records;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Fetches ahead for one topic consumer, one fetch at a time from each leader.
 *
 * <p>Owned by its loop; {@link #wakeUp} may be called by any thread. A fetch asks for all partitions of its leader. It is not
 * sent while one of them has more buffered than {@code max.partition.fetch.bytes}: a fetch without that partition might be
 * held by the broker for long after it has run dry.
 */
final class TopicFetcher implements BrokerConnections.Owner {
    private static final System.Logger LOGGER = System.getLogger(TopicFetcher.class.getName());

    /** How long a topic may be missing, since a new one is not visible everywhere at once. */
    private static final Duration MISSING_TOPIC_MAX = Duration.ofSeconds(10);

    /** A fetch that is answered this much later than asked may be one of a broker that does not lead any more. */
    private static final Duration SUSPECT_AFTER = Duration.ofSeconds(1);

    private static final int NO_SESSION = 0;
    private static final int NO_SESSION_EPOCH = -1;

    /** A fetch under way. */
    private record Flight(
            BrokerNode broker, Connection connection, Map<TopicPartition, Wanted> asked, long sentNanos) {}

    private final EventLoop loop;
    private final ClientContext context;
    private final ConsumerConfiguration configuration;
    private final FetchBuffer buffer;
    private final OffsetLookup offsets;
    private final BrokerConnections connections;
    private final Alarm alarm;
    private final Runnable onMetadata = this::wakeUp;
    private final AtomicBoolean turnPlanned = new AtomicBoolean();
    private final Map<Integer, Flight> flights = new HashMap<>();
    private final Map<TopicPartition, Long> pausedUntilNanos = new HashMap<>();
    private final Map<TopicPartition, Integer> failures = new HashMap<>();
    private final Set<TopicPartition> lookedUp = new HashSet<>();
    private final Map<String, Long> missingSinceNanos = new HashMap<>();
    private boolean closed;

    TopicFetcher(
            EventLoop loop,
            ClientContext context,
            ConsumerConfiguration configuration,
            FetchBuffer buffer,
            OffsetLookup offsets) {
        this.loop = loop;
        this.context = context;
        this.configuration = configuration;
        this.buffer = buffer;
        this.offsets = offsets;
        this.connections = new BrokerConnections(loop, context.configuration(), context.backoff(), this);
        this.alarm = new Alarm(loop, this::wakeUp);
    }

    /** Any thread, once. */
    void start() {
        context.metadata().listen(onMetadata);
    }

    /** Any thread: something was assigned, sought or taken. */
    void wakeUp() {
        if (turnPlanned.compareAndSet(false, true)) {
            Loops.execute(loop, this::turn);
        }
    }

    @Override
    public void onProgressPossible() {
        wakeUp();
    }

    @Override
    public void onBrokerLost(BrokerNode broker, String why) {
        buffer.assignment().forEach(partition -> context.metadata().want(partition.topic()));
    }

    private void turn() {
        turnPlanned.set(false);
        if (closed) {
            return;
        }
        List<Wanted> wanted = buffer.wanted();
        failures.keySet().retainAll(buffer.assignment());
        leaveSilentBrokers();
        var unpositioned = new ArrayList<Wanted>();
        var byLeader = new LinkedHashMap<BrokerNode, List<Wanted>>();
        int bufferedBytes = 0;
        for (Wanted partition : wanted) {
            bufferedBytes += partition.bufferedBytes();
            BrokerNode leader = leaderOf(partition);
            if (leader == null) {
                continue;
            }
            if (partition.isPositionKnown()) {
                byLeader.computeIfAbsent(leader, ignored -> new ArrayList<>()).add(partition);
            } else {
                unpositioned.add(partition);
            }
        }
        lookUp(unpositioned);
        if (bufferedBytes < configuration.bufferBytesMax()) {
            byLeader.forEach(this::fetch);
        }
    }

    private @Nullable BrokerNode leaderOf(Wanted wanted) {
        TopicPartition partition = wanted.partition();
        BrokerNode leader = context.metadata().leaderOf(partition);
        if (context.metadata().partitionOf(partition) != null) {
            missingSinceNanos.remove(partition.topic());
        } else {
            checkMissing(wanted);
        }
        if (leader == null) {
            context.metadata().want(partition.topic());
        }
        return leader;
    }

    private void checkMissing(Wanted wanted) {
        TopicPartition partition = wanted.partition();
        long nowNanos = System.nanoTime();
        Long since = missingSinceNanos.putIfAbsent(partition.topic(), nowNanos);
        boolean isKnownToBeMissing = context.metadata().isMissing(partition.topic())
                || context.metadata().known(partition.topic()) != null;
        if (since != null && isKnownToBeMissing && nowNanos - since > MISSING_TOPIC_MAX.toNanos()) {
            buffer.fault(
                    wanted,
                    new ClientException(
                            ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
                            partition + " does not exist (asked for " + MISSING_TOPIC_MAX.toSeconds()
                                    + " s); create the topic first, or assign what is there"));
        }
    }

    private void lookUp(List<Wanted> unpositioned) {
        if (configuration.startingPosition() == StartingPosition.NONE) {
            unpositioned.forEach(wanted -> buffer.fault(
                    wanted,
                    new ClientException(
                            ErrorCode.OFFSET_OUT_OF_RANGE,
                            "No position is known for " + wanted.partition()
                                    + ", and auto.offset.reset is none; seek to one")));
            return;
        }
        long end = configuration.startingPosition() == StartingPosition.EARLIEST
                ? ListOffsetsRequest.EARLIEST
                : ListOffsetsRequest.LATEST;
        var asked = new HashMap<TopicPartition, Wanted>();
        for (Wanted partition : unpositioned) {
            if (lookedUp.add(partition.partition())) {
                asked.put(partition.partition(), partition);
            }
        }
        if (asked.isEmpty()) {
            return;
        }
        var timestamps = new HashMap<TopicPartition, Long>();
        asked.keySet().forEach(partition -> timestamps.put(partition, end));
        offsets.find(
                        timestamps,
                        configuration.isolation(),
                        context.configuration().requestTimeout())
                .whenComplete((found, failure) -> Loops.run(loop, () -> onLookedUp(asked, found, failure)));
    }

    private void onLookedUp(
            Map<TopicPartition, Wanted> asked, @Nullable Map<TopicPartition, Long> found, @Nullable Throwable failure) {
        lookedUp.removeAll(asked.keySet());
        if (found != null) {
            found.forEach((partition, offset) -> {
                Wanted wanted = asked.get(partition);
                if (wanted != null) {
                    buffer.onPositionFound(partition, wanted.generation(), offset);
                }
            });
        } else if (failure != null && !Failures.errorCodeOf(failure).isRetriable()) {
            asked.values().forEach(wanted -> buffer.fault(wanted, Failures.toClientException(failure)));
        }
        wakeUp();
    }

    private void fetch(BrokerNode leader, List<Wanted> partitions) {
        Connection connection = connections.openTo(leader);
        if (connection == null || flights.containsKey(leader.id())) {
            return;
        }
        long nowNanos = System.nanoTime();
        var asked = new LinkedHashMap<TopicPartition, Wanted>();
        for (Wanted partition : partitions) {
            if (partition.bufferedBytes() >= configuration.partitionFetchBytes()) {
                return;
            }
            Long pausedUntil = pausedUntilNanos.get(partition.partition());
            if (pausedUntil == null || nowNanos - pausedUntil >= 0) {
                asked.put(partition.partition(), partition);
            }
        }
        if (asked.isEmpty()) {
            return;
        }
        var flight = new Flight(leader, connection, asked, nowNanos);
        flights.put(leader.id(), flight);
        Duration timeout =
                configuration.fetchMaxWait().plus(context.configuration().requestTimeout());
        alarm.noLaterThan(dueNanos(flight));
        connection
                .<FetchResponse>send(request(asked), timeout)
                .whenComplete((response, failure) -> onAnswer(flight, response, failure));
    }

    private FetchRequest request(Map<TopicPartition, Wanted> asked) {
        var topics = new LinkedHashMap<String, List<FetchRequest.Partition>>();
        for (Wanted partition : asked.values()) {
            var known = context.metadata().partitionOf(partition.partition());
            topics.computeIfAbsent(partition.partition().topic(), ignored -> new ArrayList<>())
                    .add(FetchAnswers.ask(partition, known, configuration.partitionFetchBytes()));
        }
        return new FetchRequest(
                FetchRequest.ReplicaState.CONSUMER.replicaId(),
                (int) configuration.fetchMaxWait().toMillis(),
                configuration.fetchMinBytes(),
                configuration.fetchMaxBytes(),
                configuration.isolation().wireValue(),
                NO_SESSION,
                NO_SESSION_EPOCH,
                topics.entrySet().stream()
                        .map(topic -> new FetchRequest.Topic(
                                topic.getKey(), context.metadata().topicIdOf(topic.getKey()), topic.getValue()))
                        .toList(),
                List.of(),
                "",
                null,
                FetchRequest.ReplicaState.CONSUMER);
    }

    private void onAnswer(Flight flight, @Nullable FetchResponse response, @Nullable Throwable failure) {
        flights.remove(flight.broker().id(), flight);
        if (response == null) {
            LOGGER.log(DEBUG, () -> "A fetch from " + flight.broker() + " failed: " + Failures.messageOf(failure));
            flight.asked().keySet().forEach(this::pause);
        } else {
            try {
                take(flight, response);
            } finally {
                response.releaseRecords();
            }
        }
        wakeUp();
    }

    private void take(Flight flight, FetchResponse response) {
        if (response.errorCode().isError()) {
            flight.asked().keySet().forEach(this::pause);
            return;
        }
        for (FetchResponse.Topic topic : response.responses()) {
            for (FetchResponse.Partition partition : topic.partitions()) {
                String name = topic.topic().isEmpty() ? context.metadata().nameOf(topic.topicId()) : topic.topic();
                Wanted wanted = flight.asked().get(new TopicPartition(name, partition.partitionIndex()));
                if (wanted != null) {
                    take(wanted, partition);
                }
            }
        }
    }

    private void take(Wanted wanted, FetchResponse.Partition partition) {
        ErrorCode error = partition.errorCode();
        if (error == ErrorCode.OFFSET_OUT_OF_RANGE) {
            onOutOfRange(wanted, partition);
        } else if (error.isRetriable()) {
            pause(wanted.partition());
        } else if (error.isError()) {
            refuse(
                    wanted,
                    new ClientException(
                            error,
                            "Reading " + wanted.partition() + " at offset " + wanted.fetchOffset() + " was refused: "
                                    + error));
        } else {
            failures.remove(wanted.partition());
            keep(wanted, partition);
        }
    }

    private void keep(Wanted wanted, FetchResponse.Partition partition) {
        Records records = partition.records();
        if (records == null || records.sizeInBytes() == 0) {
            return;
        }
        long nextOffset = FetchAnswers.nextOffset(records.buffer(), wanted.fetchOffset());
        if (nextOffset <= wanted.fetchOffset()) {
            refuse(
                    wanted,
                    new ClientException(
                            ErrorCode.CORRUPT_MESSAGE,
                            "What the leader of " + wanted.partition() + " sent for offset " + wanted.fetchOffset()
                                    + " is no whole record batch; seek behind it to go on"));
            return;
        }
        buffer.add(
                new FetchBuffer.Chunk(
                        wanted.partition(),
                        wanted.generation(),
                        records.buffer().retain(),
                        nextOffset,
                        FetchAnswers.aborted(partition)),
                wanted.fetchOffset());
    }

    private void onOutOfRange(Wanted wanted, FetchResponse.Partition partition) {
        if (wanted.bufferedBytes() > 0) {
            pause(wanted.partition()); // what has arrived is delivered first
        } else if (configuration.startingPosition() == StartingPosition.NONE) {
            refuse(
                    wanted,
                    new ClientException(
                            ErrorCode.OFFSET_OUT_OF_RANGE,
                            "Offset " + wanted.fetchOffset() + " of " + wanted.partition()
                                    + " is out of range (the log starts at " + partition.logStartOffset()
                                    + "), and auto.offset.reset is none; seek to another"));
        } else {
            buffer.reset(wanted.partition(), wanted.generation());
        }
    }

    private void refuse(Wanted wanted, ClientException why) {
        buffer.fault(wanted, why);
        pause(wanted.partition());
    }

    /** Tries a partition again later, when its leader may be known better. */
    private void pause(TopicPartition partition) {
        long pauseNanos = context.backoff().pauseNanos(failures.merge(partition, 1, Integer::sum));
        pausedUntilNanos.put(partition, System.nanoTime() + pauseNanos);
        context.metadata().want(partition.topic());
        loop.schedule(
                () -> {
                    pausedUntilNanos.remove(partition);
                    wakeUp();
                },
                pauseNanos,
                TimeUnit.NANOSECONDS);
    }

    private long dueNanos(Flight flight) {
        return flight.sentNanos()
                + configuration.fetchMaxWait().plus(SUSPECT_AFTER).toNanos();
    }

    /** Leaves brokers that are silent and lead nothing any more, such as one that is frozen. */
    private void leaveSilentBrokers() {
        long nowNanos = System.nanoTime();
        for (Flight flight : List.copyOf(flights.values())) {
            if (nowNanos - dueNanos(flight) < 0) {
                alarm.noLaterThan(dueNanos(flight));
                continue;
            }
            boolean leadsNothing = flight.asked().keySet().stream()
                    .map(context.metadata()::leaderOf)
                    .noneMatch(leader ->
                            leader != null && leader.id() == flight.broker().id());
            if (leadsNothing) {
                flight.connection().close();
            } else {
                flight.asked().keySet().forEach(partition -> context.metadata().want(partition.topic()));
            }
        }
    }

    /** Ends the connections. On the loop. */
    void close() {
        closed = true;
        context.metadata().unlisten(onMetadata);
        connections.close();
    }
}
