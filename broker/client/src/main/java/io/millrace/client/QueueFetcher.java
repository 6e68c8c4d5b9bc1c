package io.millrace.client;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.WARNING;

import io.millrace.client.DestinationDescription.Partition;
import io.millrace.client.network.Connection;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.QueueDetachRequest;
import io.millrace.protocol.message.QueueDetachResponse;
import io.millrace.protocol.message.QueueFetchRequest;
import io.millrace.protocol.message.QueueFetchResponse;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * Fetches for one consumer of a queue, or of a subscription of a topic, from the leaders of the partitions, and has its {@link QueueSettlements} carried
 * to them over the same connections.
 *
 * <p>Owned by its loop; methods that any thread may call say so. One fetch is under way with each leader, which holds it
 * until there is something, for as many messages as {@link QueueCredit} allows. A broker answers in order and therefore
 * ends a held fetch when an acknowledgement comes; the fetch is then sent anew.
 */
final class QueueFetcher implements BrokerConnections.Owner {
    private static final System.Logger LOGGER = System.getLogger(QueueFetcher.class.getName());

    /** A fetch that is answered this much later than asked may be one of a broker that does not lead any more. */
    private static final Duration SUSPECT_AFTER = Duration.ofSeconds(1);

    /** How long messages in a partition that was added to the queue may lie there before anybody asks for them. */
    private static final Duration PARTITIONS_CHECK = Duration.ofSeconds(30);

    private final EventLoop loop;
    private final ClientContext context;
    private final String queue;
    private final @Nullable SubscriptionDescription subscription;
    private final QueueConsumerConfiguration configuration;
    private final QueueBuffer buffer;
    private final UUID consumerId = UUID.randomUUID();
    private final BrokerConnections connections;
    private final QueueSettlements settlements;
    private final Alarm alarm;
    private final Map<Integer, QueueSession> sessions = new HashMap<>();
    private final Map<Integer, Integer> leaderEpochs = new HashMap<>(); // as answers have told them
    private final Runnable onMetadata = this::wakeUp;
    private final CompletableFuture<Void> attached = new CompletableFuture<>();
    private final AtomicBoolean turnPlanned = new AtomicBoolean();
    private volatile @Nullable Runnable listener;
    private volatile boolean paused;
    private volatile QueueRedelivery redelivery = QueueRedelivery.UNLIMITED;
    private boolean closing;
    private boolean ended; // the subscription
    private @Nullable ClientException refusal; // of the selector, until an answer brings something else
    private int leaderlessTurns;
    private boolean wantPlanned;

    QueueFetcher(
            EventLoop loop,
            ClientContext context,
            String queue,
            @Nullable SubscriptionDescription subscription,
            QueueConsumerConfiguration configuration,
            QueueBuffer buffer) {
        this.loop = loop;
        this.context = context;
        this.queue = queue;
        this.subscription = subscription;
        this.configuration = configuration;
        this.buffer = buffer;
        this.connections = new BrokerConnections(loop, context.configuration(), context.backoff(), this);
        this.alarm = new Alarm(loop, this::wakeUp);
        this.settlements = new QueueSettlements(loop, context, queue, keyOf(subscription), consumerId);
    }

    private static @Nullable String keyOf(@Nullable SubscriptionDescription subscription) {
        return subscription == null ? null : Long.toString(subscription.number());
    }

    /** Any thread: see {@link QueueConsumer#attached}. */
    CompletableFuture<Void> attached() {
        return subscription == null ? CompletableFuture.completedFuture(null) : attached.copy();
    }

    /** Any thread, once. */
    void start() {
        context.metadata().listen(onMetadata);
        wakeUp();
    }

    /** Any thread: there is room again. Most calls cost nothing, since credit is given in portions. */
    void onReceived() {
        if (QueueCredit.isWorthAsking(configuration.prefetch(), buffer.arrivedCount())) {
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

    /** Any thread. */
    CompletableFuture<Void> settle(
            Collection<QueueBuffer.Acquired> messages, AcknowledgeType type, @Nullable String error) {
        return settlements.settle(messages, type, error);
    }

    /** Any thread. */
    QueueRedelivery redelivery() {
        return redelivery;
    }

    /**
     * Any thread: gives back what was not received and fetches nothing until {@link #resume}; what comes nevertheless is
     * given back too.
     */
    CompletableFuture<Void> releasePrefetched() {
        paused = true;
        // Again on the loop: an answer that was being taken in meanwhile is in the buffer by then.
        var late = CompletableFuture.supplyAsync(this::giveBackArrived, task -> {
            if (!Loops.execute(loop, task)) {
                task.run();
            }
        });
        return CompletableFuture.allOf(giveBackArrived(), late.thenCompose(given -> given));
    }

    /** The application has not seen them: they are not counted as delivered. */
    private CompletableFuture<Void> giveBackArrived() {
        return settlements.settle(buffer.takeArrived(), AcknowledgeType.RELEASE, null);
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
        if (closing || ended) {
            return;
        }
        DestinationDescription destination = context.metadata().known(queue, PARTITIONS_CHECK);
        if (destination == null || !checkKind(destination)) {
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
        if (subscription != null) {
            if (!destination.topicId().equals(subscription.topicId())) {
                end(subscription, ErrorCode.RESOURCE_NOT_FOUND);
            }
            return !ended;
        }
        if (destination.kind() == DestinationKind.QUEUE) {
            buffer.fault(refusal);
            return true;
        }
        buffer.fault(new ClientException(
                ErrorCode.INVALID_REQUEST, "\"" + queue + "\" is a topic, not a queue; read it with a topic consumer"));
        return false;
    }

    /** It was deleted, or its topic was. */
    private void end(SubscriptionDescription gone, ErrorCode error) {
        ended = true;
        var why = new ClientException(error, gone + " has ended; a consumer of it must be created anew");
        buffer.fault(why);
        attached.completeExceptionally(why);
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
        // Before settlements fail: whoever is told and then receives is given nothing that is lost too.
        buffer.forget(acquired -> acquired.origin().session() == session);
        session.end();
        sessions.remove(session.broker().id(), session);
        wakeUp();
    }

    /** Leaves brokers that are silent and lead nothing any more, such as one that is frozen. */
    private void leaveSilentBrokers(Map<BrokerNode, List<Partition>> byLeader) {
        long nowNanos = System.nanoTime();
        for (QueueSession session : List.copyOf(sessions.values())) {
            if (!session.isFetching()) {
                continue;
            }
            if (nowNanos - dueNanos(session) < 0) {
                alarm.noLaterThan(dueNanos(session));
            } else if (byLeader.containsKey(session.broker())) {
                context.metadata().want(queue);
                alarm.noLaterThan(nowNanos + SUSPECT_AFTER.toNanos());
            } else {
                session.connection().close();
            }
        }
    }

    private long dueNanos(QueueSession session) {
        return session.fetchSentNanos() + configuration.fetchMaxWait().toNanos() + SUSPECT_AFTER.toNanos();
    }

    /** What was prefetched from a leader of the past, or from a queue that was deleted, would be processed in vain. */
    private void forgetMoved(DestinationDescription destination) {
        buffer.forgetArrived(acquired -> {
            QueueBuffer.Origin origin = acquired.origin();
            int index = acquired.message().partition().partition();
            if (!origin.topicId().equals(destination.topicId())
                    || index >= destination.partitions().size()) {
                return true;
            }
            Partition led = destination.partitions().get(index);
            boolean ledByOther = led.leaderId() >= 0
                    && led.leaderId() != origin.session().broker().id();
            return origin.leaderEpoch() < led.leaderEpoch() || ledByOther;
        });
    }

    /** @return whether a fetch was sent */
    private boolean fetch(QueueSession session, UUID topicId, List<Partition> partitions, int idleLeaders) {
        long nowNanos = System.nanoTime();
        if (paused || !session.mayFetch(nowNanos)) {
            if (!session.isFetching() && !paused) {
                alarm.noLaterThan(session.fetchAgainNanos());
            }
            return false;
        }
        var room = new QueueCredit(configuration.prefetch(), buffer.arrivedCount(), creditUnanswered());
        int credit = room.share(idleLeaders, sessions.size());
        int bytes = configuration.prefetchBytes() - buffer.arrivedBytes();
        if (bytes <= 0 || credit == 0) {
            return false;
        }
        var asked = partitions.stream()
                .map(partition -> new QueueFetchRequest.Partition(partition.partition(), List.of()))
                .toList();
        boolean isIntroduction = subscription != null && !session.isGreeted();
        int maxWaitMs = isIntroduction ? 0 : (int) configuration.fetchMaxWait().toMillis();
        var request = new QueueFetchRequest(
                consumerId,
                keyOf(subscription),
                maxWaitMs,
                credit,
                bytes,
                List.of(new QueueFetchRequest.Topic(topicId, asked)),
                configuration.selector());
        session.onFetchSent(credit, nowNanos);
        alarm.noLaterThan(dueNanos(session));
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
            LOGGER.log(DEBUG, () -> "Fetching from " + queue + " failed: " + Failures.messageOf(failure));
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
        var answer = QueueFetchAnswer.of(queue, session, response);
        String why = response.errorMessage();
        refusal = why == null ? null : new ClientException(response.errorCode(), "Fetching from " + queue + ": " + why);
        if (answer.isMereRefusal()) {
            session.onFetchFailed(context.backoff(), System.nanoTime());
            context.metadata().want(queue);
        } else {
            session.onFetchAnswered();
        }
        if (subscription != null) {
            noteWhoHasIt(subscription, answer);
        }
        answer.leaderEpochs().forEach(this::forgetFormerEpochs);
        answer.redelivery().ifPresent(told -> redelivery = told); // before the messages that it is about
        if (!answer.acquisitions().isEmpty() && !closing) {
            deliver(answer.acquisitions());
        }
    }

    /** The leader of the first partition decides for all; from the others another consumer goes soon. */
    private void noteWhoHasIt(SubscriptionDescription wanted, QueueFetchAnswer answer) {
        ErrorCode ofFirst = answer.errors().get(0);
        if (answer.errors().containsValue(ErrorCode.RESOURCE_NOT_FOUND)) {
            end(wanted, ErrorCode.RESOURCE_NOT_FOUND);
        } else if (ofFirst == ErrorCode.NON_EMPTY_GROUP) {
            var why = new ClientException(
                    ErrorCode.NON_EMPTY_GROUP, wanted + " has another consumer, and it is not a shared one");
            buffer.fault(why);
            attached.completeExceptionally(why);
        } else if (ofFirst == ErrorCode.NONE) {
            buffer.fault(null);
            attached.complete(null);
        }
    }

    /** A leader that was elected again has forgotten what it had given out before. */
    private void forgetFormerEpochs(int partition, int leaderEpoch) {
        Integer before = leaderEpochs.put(partition, leaderEpoch);
        if (before != null && before < leaderEpoch) {
            buffer.forgetArrived(acquired -> acquired.message().partition().partition() == partition
                    && acquired.origin().leaderEpoch() < leaderEpoch);
        }
    }

    private void deliver(List<QueueFetchAnswer.Acquisitions> acquisitions) {
        acquisitions.forEach(each -> buffer.add(each.origin(), each.arrivals()));
        if (paused) {
            giveBackArrived();
        } else {
            tellAvailable();
        }
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

    /** Gives back everything; completes when the brokers have confirmed it. */
    void close(CompletableFuture<Void> detached) {
        closing = true;
        attached.completeExceptionally(new ClientException(ErrorCode.INVALID_REQUEST, "The consumer is closed"));
        context.metadata().unlisten(onMetadata);
        // What was not received goes ahead of the detachment, which counts what it gives back as delivered.
        settlements.close(List.copyOf(sessions.values()), buffer.close());
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
