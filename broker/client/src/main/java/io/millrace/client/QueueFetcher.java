package io.millrace.client;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.WARNING;

import io.millrace.client.DestinationDescription.Partition;
import io.millrace.client.network.Connection;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.AcknowledgementBatch;
import io.millrace.protocol.message.QueueAcknowledgeRequest;
import io.millrace.protocol.message.QueueAcknowledgeResponse;
import io.millrace.protocol.message.QueueDetachRequest;
import io.millrace.protocol.message.QueueDetachResponse;
import io.millrace.protocol.message.QueueFetchRequest;
import io.millrace.protocol.message.QueueFetchResponse;
import io.millrace.protocol.wire.Records;
import io.millrace.record.InvalidRecordException;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Fetches for one queue consumer from the leaders of the queue's partitions, and carries its acknowledgements to them.
 *
 * <p>Owned by its loop; methods that any thread may call say so. One fetch is under way with each leader, which holds it
 * until there is something; acknowledgements go at once, and those that come while some are under way leave together. A
 * broker answers in order and therefore ends a held fetch when an acknowledgement comes; the fetch is then sent anew.
 *
 * <p>Credit: what was neither received nor asked for yet of {@code prefetch} is shared evenly by the leaders that have no
 * fetch under way. Each gets at least one while nothing waits to be received, so with fewer credits than leaders as many
 * messages as leaders may be acquired ahead; otherwise a message of the last leader would have to wait for the others.
 */
final class QueueFetcher implements BrokerConnections.Owner {
    private static final System.Logger LOGGER = System.getLogger(QueueFetcher.class.getName());

    private static final int ACKNOWLEDGEMENT_REQUESTS_MAX = 5;
    /** Credit is given in portions of at least this part of a leader's share, unless nothing waits to be received. */
    private static final int PORTIONS_PER_SHARE = 2;

    private static final int SETTLEMENTS_PER_REQUEST_MAX = 1000;

    /** A fetch that is answered this much later than asked may be one of a broker that does not lead any more. */
    private static final Duration SUSPECT_AFTER = Duration.ofSeconds(1);

    private final EventLoop loop;
    private final ClientContext context;
    private final String queue;
    private final QueueConsumerConfiguration configuration;
    private final QueueBuffer buffer;
    private final UUID consumerId = UUID.randomUUID();
    private final BrokerConnections connections;
    private final Map<Integer, QueueSession> sessions = new HashMap<>();
    private final Map<Integer, Integer> leaderEpochs = new HashMap<>(); // as answers have told them
    private final Runnable onMetadata = this::wakeUp;
    private final AtomicBoolean turnPlanned = new AtomicBoolean();
    private volatile @Nullable Runnable listener;
    private volatile boolean paused;
    private boolean closing;
    private int leaderlessTurns;
    private boolean wantPlanned;
    private long timerNanos = Long.MAX_VALUE;

    QueueFetcher(
            EventLoop loop,
            ClientContext context,
            String queue,
            QueueConsumerConfiguration configuration,
            QueueBuffer buffer) {
        this.loop = loop;
        this.context = context;
        this.queue = queue;
        this.configuration = configuration;
        this.buffer = buffer;
        this.connections = new BrokerConnections(loop, context.configuration(), context.backoff(), this);
    }

    /** Any thread, once. */
    void start() {
        context.metadata().listen(onMetadata);
        wakeUp();
    }

    /** Any thread: there is room again. Most calls cost nothing, since credit is given in portions. */
    void onReceived() {
        if (buffer.arrivedCount() <= configuration.prefetch() / 2) {
            wakeUp();
        }
    }

    /** Any thread. */
    void onAvailable(Runnable newListener) {
        listener = newListener;
        if (buffer.arrivedCount() > 0) {
            Loops.execute(loop, this::tellAvailable);
        }
    }

    /** Any thread: fetches nothing until {@link #resume}; what comes nevertheless is given back. */
    void pause() {
        paused = true;
    }

    /** Any thread. */
    void resume() {
        if (paused) {
            paused = false;
            wakeUp();
        }
    }

    private void wakeUp() {
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
        context.metadata().want(queue);
    }

    private void turn() {
        turnPlanned.set(false);
        if (closing) {
            return;
        }
        DestinationDescription destination = context.metadata().known(queue);
        if (destination == null) {
            wantLater();
            return;
        }
        if (!checkKind(destination)) {
            wantLater();
            return;
        }
        Map<BrokerNode, List<Partition>> byLeader = byLeader(destination);
        leaveSilentBrokers(byLeader);
        forgetMoved(destination);
        int idle = 0;
        var reachable = new LinkedHashMap<QueueSession, List<Partition>>();
        for (var led : byLeader.entrySet()) {
            Connection connection = connections.openTo(led.getKey());
            if (connection != null) {
                QueueSession session = session(led.getKey(), connection);
                reachable.put(session, led.getValue());
                idle += session.isFetching() ? 0 : 1;
            }
        }
        for (var led : reachable.entrySet()) {
            if (fetch(led.getKey(), destination.topicId(), led.getValue(), idle)) {
                idle--;
            }
        }
    }

    private boolean checkKind(DestinationDescription destination) {
        if (destination.kind() == DestinationKind.QUEUE) {
            buffer.fault(null);
            return true;
        }
        buffer.fault(new ClientException(
                ErrorCode.INVALID_REQUEST, "\"" + queue + "\" is a topic, not a queue; read it with a topic consumer"));
        return false;
    }

    private Map<BrokerNode, List<Partition>> byLeader(DestinationDescription destination) {
        var byLeader = new LinkedHashMap<BrokerNode, List<Partition>>();
        boolean complete = true;
        for (Partition partition : destination.partitions()) {
            BrokerNode leader = context.metadata().leaderOf(new TopicPartition(queue, partition.partition()));
            if (leader == null) {
                complete = false;
            } else {
                byLeader.computeIfAbsent(leader, ignored -> new ArrayList<>()).add(partition);
            }
        }
        if (complete) {
            leaderlessTurns = 0;
        } else {
            wantLater();
        }
        return byLeader;
    }

    /** Asks for metadata again after a pause that grows as long as something is missing. */
    private void wantLater() {
        if (wantPlanned) {
            return;
        }
        wantPlanned = true;
        long pauseNanos = context.backoff().pauseNanos(leaderlessTurns++);
        loop.schedule(
                () -> {
                    wantPlanned = false;
                    if (!closing) {
                        context.metadata().want(queue);
                    }
                },
                pauseNanos,
                TimeUnit.NANOSECONDS);
    }

    private QueueSession session(BrokerNode broker, Connection connection) {
        QueueSession session = sessions.get(broker.id());
        if (session != null && session.connection() == connection) {
            return session;
        }
        var opened = new QueueSession(broker, connection);
        sessions.put(broker.id(), opened);
        connection.closeFuture().thenRun(() -> onSessionEnded(opened));
        return opened;
    }

    private void onSessionEnded(QueueSession session) {
        session.end();
        sessions.remove(session.broker().id(), session);
        buffer.forget(acquired -> acquired.session() == session);
        wakeUp();
    }

    /** Leaves brokers that are silent and lead nothing any more, such as one that is frozen. */
    private void leaveSilentBrokers(Map<BrokerNode, List<Partition>> byLeader) {
        long nowNanos = System.nanoTime();
        for (QueueSession session : List.copyOf(sessions.values())) {
            long lateNanos = session.isFetching() ? nowNanos - dueNanos(session) : -1;
            if (lateNanos >= 0 && !byLeader.containsKey(session.broker())) {
                session.connection().close();
            } else if (lateNanos >= 0) {
                context.metadata().want(queue);
                wakeUpAt(nowNanos + SUSPECT_AFTER.toNanos());
            }
        }
    }

    private long dueNanos(QueueSession session) {
        return session.fetchSentNanos() + configuration.fetchMaxWait().toNanos() + SUSPECT_AFTER.toNanos();
    }

    private void wakeUpAt(long atNanos) {
        long nowNanos = System.nanoTime();
        if (timerNanos != Long.MAX_VALUE && timerNanos - atNanos <= 0 && timerNanos - nowNanos > 0) {
            return;
        }
        timerNanos = atNanos;
        loop.schedule(this::wakeUp, Math.max(0, atNanos - nowNanos), TimeUnit.NANOSECONDS);
    }

    /** What was prefetched from a leader of the past would only be processed in vain. */
    private void forgetMoved(DestinationDescription destination) {
        buffer.forgetArrived(acquired -> {
            int index = acquired.message().partition().partition();
            if (index >= destination.partitions().size()) {
                return true;
            }
            Partition led = destination.partitions().get(index);
            boolean ledByOther = led.leaderId() >= 0
                    && led.leaderId() != acquired.session().broker().id();
            return acquired.leaderEpoch() < led.leaderEpoch() || ledByOther;
        });
    }

    /** @return whether a fetch was sent */
    private boolean fetch(QueueSession session, UUID topicId, List<Partition> partitions, int idleLeaders) {
        long nowNanos = System.nanoTime();
        if (paused || !session.mayFetch(nowNanos)) {
            if (!session.isFetching() && !paused) {
                wakeUpAt(session.fetchAgainNanos());
            }
            return false;
        }
        int arrived = buffer.arrivedCount();
        int free = configuration.prefetch() - arrived - creditUnanswered();
        int portion = Math.max(1, configuration.prefetch() / (PORTIONS_PER_SHARE * Math.max(1, sessions.size())));
        int credit = arrived == 0 ? Math.max(1, free / Math.max(1, idleLeaders)) : free / Math.max(1, idleLeaders);
        int bytes = configuration.prefetchBytes() - buffer.arrivedBytes();
        if (bytes <= 0 || credit < (arrived == 0 ? 1 : portion)) {
            return false;
        }
        var asked = partitions.stream()
                .map(partition -> new QueueFetchRequest.Partition(partition.partition(), List.of()))
                .toList();
        int maxWaitMs = (int) configuration.fetchMaxWait().toMillis();
        var request = new QueueFetchRequest(
                consumerId, null, maxWaitMs, credit, bytes, List.of(new QueueFetchRequest.Topic(topicId, asked)));
        session.onFetchSent(credit, nowNanos);
        wakeUpAt(dueNanos(session));
        Duration timeout =
                configuration.fetchMaxWait().plus(context.configuration().requestTimeout());
        session.connection()
                .<QueueFetchResponse>send(request, timeout)
                .whenComplete((response, failure) -> onFetched(session, response, failure));
        return true;
    }

    private int creditUnanswered() {
        return sessions.values().stream()
                .mapToInt(QueueSession::creditUnanswered)
                .sum();
    }

    private void onFetched(QueueSession session, @Nullable QueueFetchResponse response, @Nullable Throwable failure) {
        if (response == null) {
            session.onFetchFailed(context.backoff(), System.nanoTime());
            LOGGER.log(
                    System.Logger.Level.DEBUG,
                    () -> "Fetching from " + queue + " failed: " + Failures.messageOf(failure));
        } else {
            try {
                take(session, response);
            } finally {
                response.releaseRecords();
            }
        }
        wakeUp();
    }

    private void take(QueueSession session, QueueFetchResponse response) {
        boolean refused = response.errorCode().isError();
        var arrivals = new ArrayList<QueueBuffer.Arrival>();
        for (QueueFetchResponse.Topic topic : response.topics()) {
            for (QueueFetchResponse.Partition partition : topic.partitions()) {
                if (partition.errorCode().isError()) {
                    refused = true;
                    LOGGER.log(
                            System.Logger.Level.DEBUG,
                            () -> session.broker() + " answered " + partition.errorCode() + " for partition "
                                    + partition.partitionIndex() + " of " + queue);
                } else {
                    arrivals.addAll(read(partition));
                }
            }
        }
        if (refused && arrivals.isEmpty()) {
            session.onFetchFailed(context.backoff(), System.nanoTime());
            context.metadata().want(queue);
        } else {
            session.onFetchAnswered();
        }
        forgetFormerEpochs(response);
        deliver(session, arrivals);
    }

    /** A leader that was elected again has forgotten what it had given out before. */
    private void forgetFormerEpochs(QueueFetchResponse response) {
        response.topics().forEach(topic -> topic.partitions().forEach(partition -> {
            Integer before = leaderEpochs.put(partition.partitionIndex(), partition.leaderEpoch());
            if (before != null && before < partition.leaderEpoch()) {
                buffer.forgetArrived(
                        acquired -> acquired.message().partition().partition() == partition.partitionIndex()
                                && acquired.leaderEpoch() < partition.leaderEpoch());
            }
        }));
    }

    private List<QueueBuffer.Arrival> read(QueueFetchResponse.Partition fetched) {
        var partition = new TopicPartition(queue, fetched.partitionIndex());
        Records records = fetched.records();
        if (records == null || fetched.acquired().isEmpty()) {
            return List.of();
        }
        try {
            return QueueRecords.acquired(partition, fetched.leaderEpoch(), records.buffer(), fetched.acquired());
        } catch (InvalidRecordException e) {
            // They stay acquired, so that no consumer trips over them again and again, until this one is closed.
            LOGGER.log(
                    ERROR,
                    () -> "Messages of " + partition + " cannot be read: " + e.getMessage()
                            + "; they are held back until this consumer is closed");
            return List.of();
        }
    }

    private void deliver(QueueSession session, List<QueueBuffer.Arrival> arrivals) {
        if (arrivals.isEmpty() || closing) {
            return;
        }
        if (paused) {
            giveBack(session, arrivals);
            return;
        }
        buffer.add(session, arrivals);
        tellAvailable();
    }

    private void giveBack(QueueSession session, List<QueueBuffer.Arrival> arrivals) {
        long deadlineNanos =
                System.nanoTime() + context.configuration().deliveryTimeout().toNanos();
        arrivals.stream()
                .map(QueueBuffer.Arrival::message)
                .collect(Collectors.groupingBy(QueueMessage::partition))
                .forEach((partition, messages) -> settle(
                        session,
                        new QueueSettlement(
                                partition,
                                messages.stream()
                                        .map(QueueMessage::offset)
                                        .sorted()
                                        .toList(),
                                AcknowledgementBatch.RETURN,
                                deadlineNanos,
                                new CompletableFuture<>())));
    }

    @SuppressWarnings(
            "checkstyle:IllegalCatch") // the listener is the user's: what it throws must not stop the fetching
    private void tellAvailable() {
        Runnable told = listener;
        if (told != null) {
            try {
                told.run();
            } catch (RuntimeException e) {
                LOGGER.log(WARNING, () -> "A listener for messages of " + queue + " has failed", e);
            }
        }
    }

    /** Sends a settlement, or fails it where its session has ended. */
    void settle(QueueSession session, QueueSettlement settlement) {
        if (closing) {
            settlement.fail(new ClientException(
                    ErrorCode.INVALID_REQUEST, "The consumer was closed, which gave its messages back to the queue"));
            return;
        }
        if (session.isEnded()) {
            settlement.fail(QueueSession.lost(session.broker()));
            return;
        }
        session.settle(settlement);
        Loops.execute(loop, () -> sendSettlements(session)); // after all that came in this turn of the loop
    }

    private void sendSettlements(QueueSession session) {
        DestinationDescription destination = context.metadata().known(queue);
        while (true) {
            List<QueueSettlement> taken = session.takeSettlements(
                    closing ? Integer.MAX_VALUE : ACKNOWLEDGEMENT_REQUESTS_MAX, SETTLEMENTS_PER_REQUEST_MAX);
            if (taken.isEmpty()) {
                return;
            }
            if (destination == null) {
                var gone = new ClientException(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "\"" + queue + "\" was deleted");
                session.onAcknowledgementAnswered();
                taken.forEach(settlement -> settlement.fail(gone));
                continue;
            }
            var request = new QueueAcknowledgeRequest(
                    consumerId, null, List.of(QueueAnswers.acknowledgements(destination.topicId(), taken)));
            session.connection()
                    .<QueueAcknowledgeResponse>send(request)
                    .whenComplete((response, failure) -> onSettled(session, taken, response, failure));
        }
    }

    private void onSettled(
            QueueSession session,
            List<QueueSettlement> taken,
            @Nullable QueueAcknowledgeResponse response,
            @Nullable Throwable failure) {
        session.onAcknowledgementAnswered();
        for (QueueSettlement settlement : taken) {
            ErrorCode outcome = response == null ? null : QueueAnswers.outcomeOf(settlement, response);
            if (outcome == ErrorCode.NONE) {
                settlement.complete();
            } else if (outcome == ErrorCode.INVALID_RECORD_STATE && QueueAnswers.sharesPartition(settlement, taken)) {
                session.settleAlone(settlement);
            } else if (QueueAnswers.mayPass(outcome) && settlement.deadlineNanos() - System.nanoTime() > 0) {
                loop.schedule(
                        () -> settle(session, settlement), context.backoff().pauseNanos(1), TimeUnit.NANOSECONDS);
            } else {
                settlement.fail(QueueAnswers.refusal(settlement, session.broker(), outcome, failure));
                context.metadata().want(queue);
            }
        }
        sendSettlements(session);
    }

    /** Gives back everything; completes when the brokers have confirmed it. */
    void close(CompletableFuture<Void> detached) {
        closing = true;
        context.metadata().unlisten(onMetadata);
        List.copyOf(sessions.values()).forEach(this::sendSettlements);
        var answers = sessions.values().stream()
                .filter(session -> session.connection().isOpen())
                .map(session -> session.connection().<QueueDetachResponse>send(new QueueDetachRequest(consumerId)))
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(answers).whenComplete((ignored, failure) -> detached.complete(null));
    }

    /** Ends the connections. */
    void disconnect() {
        closing = true;
        connections.close();
    }
}
