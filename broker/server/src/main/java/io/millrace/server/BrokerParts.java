package io.millrace.server;

import static io.millrace.server.Waiting.join;
import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.LastShutdown;
import io.millrace.metadata.MetadataException;
import io.millrace.metadata.MetadataStore;
import io.millrace.metadata.zookeeper.ZooKeeperMetadataStore;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.FindCoordinatorRequest;
import io.millrace.replication.LogKind;
import io.millrace.replication.LostReplica;
import io.millrace.replication.PartitionKey;
import io.millrace.replication.ReplicaReport;
import io.millrace.replication.Replicas;
import io.millrace.replication.ThreadLoop;
import io.millrace.replication.controller.BrokerLifecycle;
import io.millrace.replication.controller.Controller;
import io.millrace.server.administration.AdministrationHandlers;
import io.millrace.server.configuration.Endpoint;
import io.millrace.server.coordinator.FindCoordinatorHandler;
import io.millrace.server.group.ConfiguredGroups;
import io.millrace.server.group.GroupCoordinators;
import io.millrace.server.group.GroupHandlers;
import io.millrace.server.network.NetworkServer;
import io.millrace.server.network.Transport;
import io.millrace.server.queue.DeadLetterQueues;
import io.millrace.server.queue.QueueDispatchers;
import io.millrace.server.queue.QueueRules;
import io.millrace.server.queue.RedeliveryPolicies;
import io.millrace.server.queue.SubscriptionHandlers;
import io.millrace.server.quota.ClientQuotas;
import io.millrace.server.replica.BrokerConnections;
import io.millrace.server.replica.ControllerGateway;
import io.millrace.server.replica.NetworkControllerTransport;
import io.millrace.server.replica.NetworkReplicaTransport;
import io.millrace.server.request.BrokerClients;
import io.millrace.server.request.ClusterView;
import io.millrace.server.request.Forwarding;
import io.millrace.server.request.PartitionChanges;
import io.millrace.server.request.RequestDispatcher;
import io.millrace.server.request.RequestHandlers;
import io.millrace.server.request.StandardHandlers;
import io.millrace.server.request.TopicChanges;
import io.millrace.server.request.TopicRulesCache;
import io.millrace.server.temporary.TemporaryHandlers;
import io.millrace.server.transaction.TransactionParts;
import io.millrace.storage.FlushPolicy;
import io.millrace.storage.LogCleaner;
import io.millrace.storage.LogConfiguration;
import io.millrace.storage.LogDirectories;
import io.millrace.storage.LogId;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Everything a broker consists of, wired together. Parts are opened in the order in which they need each other and closed in the opposite
 * one.
 *
 * <p>Immutable; the parts are thread-safe.
 */
final class BrokerParts {
    private static final System.Logger LOGGER = System.getLogger(BrokerParts.class.getName());
    private static final int DISK_READERS = 2;
    private static final int DISK_READS_WAITING_MAX = 1_000;
    private static final long LOOPS_CLOSE_MS = 2_000;
    private static final long JOIN_MARGIN_MS = 1_000;
    /** More than the store takes to find out why it cannot serve. */
    private static final long STORE_MARGIN_MS = 10_000;

    private static final long START_TIMEOUT_MS = 60_000;

    private final BrokerConfiguration configuration;
    private final ClosingSteps closing;
    private final InstantSource clock = InstantSource.system();
    private final MetadataStore store;
    private final ClusterView cluster;
    private final TopicRulesCache rules;
    private final ClientQuotas quotas = new ClientQuotas(clock);
    private final RedeliveryPolicies redelivery;
    private final LogRules logRules;
    private final LogDirectories logs;
    private final Transport transport = Transport.best();
    private final EventLoopGroup networkLoops;
    private final EventLoopGroup controlConnectionsLoop;
    private final Controller controller;
    private final BrokerLifecycle lifecycle;
    private final Replicas replicas;
    private final QueueDispatchers queues;
    private final GroupCoordinators groups;
    private final CoordinatorTopics coordinatorTopics;
    private final TransactionParts transactions;
    private final NetworkServer network;
    private final int port;
    private volatile boolean hasLeft;

    private BrokerParts(BrokerConfiguration configuration, ClosingSteps closing) {
        this.configuration = configuration;
        this.closing = closing;
        networkLoops = transport.eventLoops(configuration.networkThreads(), "millrace-network");
        closing.add("the network threads", () -> end(networkLoops));
        // Heartbeats have a thread of their own, so that a slow disk or a busy client never makes this broker look
        // dead.
        controlConnectionsLoop = transport.eventLoops(1, "millrace-control-network");
        closing.add("the thread of control connections", () -> end(controlConnectionsLoop));
        var loop = new ThreadLoop("millrace-control");
        closing.add("the control thread", loop);
        store = openStore();
        cluster = new ClusterView(store);
        rules = new TopicRulesCache(configuration.settings(), cluster.image());
        redelivery = new RedeliveryPolicies(cluster, rules);
        logRules = new LogRules(rules);
        logs = openLogs();
        var controlling = configuration
                .controller()
                .withSurvivesPowerLoss(topic -> logRules.flushPolicy(topic) == FlushPolicy.JOURNAL)
                .withElectsUnclean(
                        topic -> !topic.hasCursors() && rules.of(topic).electsUnclean());
        controller = new Controller(configuration.brokerId(), store, controlling, loop);
        closing.add("the controller", controller);
        var control = new NetworkControllerTransport(
                connections("control", controlConnectionsLoop), configuration.heartbeatTimeout());
        // The replicas need the way to the controller, whose heartbeats in turn report what they are unable to lead.
        var opened = new AtomicReference<@Nullable Replicas>();
        lifecycle = new BrokerLifecycle(store, controller, control, controlling, loop, reportOf(opened));
        closing.add("the broker's standing", lifecycle);
        lifecycle.onFencedBrokers(cluster::onFenced);
        control.onConnectionLost(lifecycle::onConnectionLost);
        replicas = openReplicas();
        opened.set(replicas);
        replicas.onLost(lifecycle::hurry);
        queues = new QueueDispatchers(this::queueRules, cluster::image, clock, PooledByteBufAllocator.DEFAULT);
        groups = groups();
        replicas.listen(queues);
        replicas.listen(groups);
        store.listen(groups::onImage);
        store.listen(queues::onImage);
        coordinatorTopics = CoordinatorTopics.of(configuration);
        transactions = transactions();
        network = new NetworkServer(
                networkLoops, configuration.networkLimits(), new RequestDispatcher(handlers(), quotas));
        closing.add("the network", network);
        port = listen();
    }

    /** Opens all parts; those that are open are among the steps when one cannot be. */
    static BrokerParts open(BrokerConfiguration configuration, ClosingSteps closing) {
        return new BrokerParts(configuration, closing);
    }

    private MetadataStore openStore() {
        try {
            var opened = ZooKeeperMetadataStore.connect(configuration.zooKeeper());
            closing.add("the metadata store", opened);
            // It fails by itself, with a reason, when the time is up.
            join(
                    opened.opened(),
                    configuration.zooKeeper().connectionTimeoutMs() + STORE_MARGIN_MS,
                    "the cluster's metadata");
            return opened;
        } catch (MetadataException e) {
            throw new BrokerStartException(String.valueOf(e.getMessage()), e);
        }
    }

    private LogDirectories openLogs() {
        var opened = BrokerLogs.open(configuration, cluster.image(), clock, this::logConfiguration);
        closing.add("the logs", () -> close(opened));
        opened.directories().found().stream().filter(id -> !isReplicaHere(id)).forEach(opened::deleteForgotten);
        return opened.directories();
    }

    private boolean isReplicaHere(LogId id) {
        return cluster.image()
                .topic(id.topicId())
                .filter(topic -> id.partition() < topic.partitionCount())
                .filter(topic -> topic.assignment().get(id.partition()).contains(configuration.brokerId()))
                .isPresent();
    }

    private void close(BrokerLogs opened) {
        BrokerRegistration own = store.image().brokers().get(configuration.brokerId());
        // A mark would hide an unclean start of which no controller knows.
        if (hasLeft && own != null && !own.start().isUnclean()) {
            opened.shutDown(own.brokerEpoch());
        } else {
            opened.close();
        }
    }

    private LogConfiguration logConfiguration(LogId id) {
        LogKind kind = id.kind() == LogId.Kind.CURSOR ? LogKind.CURSOR : LogKind.DATA;
        return cluster.image()
                .topic(id.topicId())
                .map(topic -> logRules.of(topic, kind))
                .orElse(LogConfiguration.DEFAULT);
    }

    private BrokerConnections connections(String purpose, EventLoopGroup loops) {
        String clientId = BrokerClients.id(purpose, configuration.brokerId());
        var opened = new BrokerConnections(store, loops, clientId, configuration.requestTimeout());
        closing.add("the connections for " + purpose, opened);
        return opened;
    }

    private static ReplicaReport reportOf(AtomicReference<@Nullable Replicas> opened) {
        return new ReplicaReport() {
            @Override
            public boolean disownsLeadership() {
                var replicas = opened.get();
                return replicas != null && replicas.disownsLeadership();
            }

            @Override
            public List<LostReplica> lostReplicas() {
                var replicas = opened.get();
                return replicas == null ? List.of() : replicas.lostReplicas();
            }
        };
    }

    private Replicas openReplicas() {
        var transport = new NetworkReplicaTransport(
                connections("replication", networkLoops),
                configuration.requestTimeout(),
                configuration.intValue(BrokerKeys.REPLICA_FETCH_BYTES_MAX));
        var opened = new Replicas(configuration.replicas(), logs, logRules::of, transport, lifecycle);
        closing.add("the replicas", opened);
        if (configuration.isSet(BrokerKeys.CLEANER_ENABLED)) {
            var cleaner = new LogCleaner(configuration.cleaner(), opened::cleanableLogs, clock);
            closing.add("the log cleaner", cleaner);
            cleaner.start();
        }
        return opened;
    }

    private QueueRules queueRules(PartitionKey partition) {
        return cluster.image()
                .topic(partition.topicId())
                .map(topic -> QueueRules.defaults()
                        .withReplayRetentionMs(rules.of(topic).replayRetentionMs())
                        .withRedelivery(() -> redelivery.of(partition)))
                .orElseGet(QueueRules::defaults);
    }

    private GroupCoordinators groups() {
        var configured = new ConfiguredGroups(
                configuration.settings(), configuration.groups().consumers());
        store.listen(configured::follow);
        return new GroupCoordinators(
                configuration.groups(), configured, cluster, clock, PooledByteBufAllocator.DEFAULT);
    }

    private TransactionParts transactions() {
        var around = new TransactionParts.Surroundings(
                configuration.brokerId(),
                cluster,
                store,
                replicas,
                groups,
                connections("transactions", networkLoops),
                clock,
                PooledByteBufAllocator.DEFAULT);
        var topics = new TransactionParts.Topics(coordinatorTopics.transactions(), coordinatorTopics.offsets());
        return new TransactionParts(around, topics, configuration.transactions());
    }

    private RequestHandlers handlers() {
        var forwarding = connections(Forwarding.PURPOSE, networkLoops);
        var gateway = new ControllerGateway(
                configuration.brokerId(),
                store,
                new TopicChanges(
                        controller, store, configuration.settings(), configuration.isSet(BrokerKeys.DELETE_ENABLED)),
                new PartitionChanges(controller),
                forwarding);
        var handlers = new RequestHandlers();
        var diskReaders = diskReaders();
        new StandardHandlers(
                        cluster,
                        transactions.verification(),
                        replicas,
                        controller,
                        gateway,
                        gateway,
                        rules,
                        quotas,
                        diskReaders,
                        clock,
                        configuration.intValue(CoordinatorKeys.TRANSACTION_VERSION),
                        configuration.isSet(BrokerKeys.AUTO_CREATE),
                        configuration.controller().defaultPartitions(),
                        configuration.intValue(BrokerKeys.FETCH_BYTES_MAX))
                .addTo(handlers);
        new AdministrationHandlers(
                        cluster,
                        store,
                        gateway,
                        controller,
                        configuration.settings(),
                        logRules::flushPolicy,
                        replicas,
                        logs,
                        diskReaders,
                        quotas)
                .addTo(handlers);
        queues.addTo(handlers, cluster);
        queues.sendDeadLettersTo(new DeadLetterQueues(
                cluster, rules, gateway, connections("dead-letters", networkLoops), transactions.producerIds()));
        new SubscriptionHandlers(cluster, queues, gateway, controller).addTo(handlers);
        new TemporaryHandlers(configuration.brokerId(), UUID.randomUUID().getMostSignificantBits(), clock)
                .addTo(handlers);
        handlers.add(
                ApiKey.FIND_COORDINATOR,
                FindCoordinatorRequest.class,
                new FindCoordinatorHandler(cluster, gateway, coordinatorTopics.byKeyType()));
        new GroupHandlers(groups).addTo(handlers, cluster);
        transactions.addTo(handlers, gateway);
        return handlers;
    }

    private ExecutorService diskReaders() {
        var readers = new ThreadPoolExecutor(
                DISK_READERS,
                DISK_READERS,
                1,
                TimeUnit.MINUTES,
                new LinkedBlockingQueue<>(DISK_READS_WAITING_MAX),
                new DefaultThreadFactory("millrace-disk-reader", true));
        readers.allowCoreThreadTimeOut(true);
        closing.add("the disk readers", readers::shutdownNow);
        return readers;
    }

    private int listen() {
        Endpoint listener = configuration.listener();
        var address = listener.host().isEmpty()
                ? new InetSocketAddress(listener.port())
                : new InetSocketAddress(listener.host(), listener.port());
        try {
            return network.listen(transport, address, configuration.socketOptions());
        } catch (IOException e) {
            throw new BrokerStartException("listeners=" + listener + ": " + e.getMessage(), e);
        }
    }

    /** Runs when no log directory can be used any more, on the thread that met the last failure. */
    void onNoDirectoryLeft(Runnable callback) {
        logs.listen((directory, why, offline) -> {
            if (logs.usableCount() == 0) {
                callback.run();
            }
        });
    }

    /** Takes part in the cluster; returns when a controller lets the broker serve. */
    void serve() {
        UUID incarnationId = UUID.randomUUID();
        replicas.registerAs(incarnationId);
        store.listen(rules::retain);
        store.listen(this::followDefaults);
        store.listen(quotas::follow);
        store.listen(new MovingThrottle(
                configuration.settings(),
                replicas::throttleMoves,
                configuration.replicas().movingBytesPerSecond())::follow);
        store.listen(replicas::onImage);
        replicas.start();
        controller.start();
        Endpoint advertised = advertised();
        String rack = configuration.rack();
        var wanted = BrokerRegistration.wanted(
                configuration.brokerId(),
                advertised.host(),
                advertised.port(),
                rack.isEmpty() ? null : rack,
                incarnationId);
        var lastShutdown = logs.isSameBoot() ? LastShutdown.HARMLESS : LastShutdown.marked(logs.cleanShutdownEpoch());
        join(lifecycle.start(wanted, lastShutdown), START_TIMEOUT_MS, "the controller's permission to serve");
        logs.settleStart();
    }

    private void followDefaults(ClusterImage image) {
        if (rules.follow(image)) {
            LOGGER.log(INFO, () -> "The defaults of topics have changed: " + image.settings());
            replicas.reconfigure();
        }
    }

    /** Asks the controller to move leaderships away, and waits for that, but not for ever. */
    void leave() {
        int timeoutMs = configuration.intValue(BrokerKeys.CONTROLLED_SHUTDOWN_TIMEOUT);
        try {
            join(lifecycle.controlledShutdown(timeoutMs), timeoutMs + JOIN_MARGIN_MS, "the move of leaderships");
        } catch (BrokerStartException e) {
            LOGGER.log(WARNING, () -> "The broker stops all the same: " + e.getMessage());
        }
        hasLeft = true;
    }

    int port() {
        return port;
    }

    Endpoint advertised() {
        if (!configuration.advertisedListeners().isEmpty()) {
            return configuration.advertisedListeners().get(0);
        }
        String host = configuration.listener().host();
        return new Endpoint(host.isEmpty() || host.equals("0.0.0.0") ? hostName() : host, port);
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getCanonicalHostName();
        } catch (UnknownHostException e) {
            throw new BrokerStartException(
                    "This machine does not know its own name: " + e.getMessage() + "; set advertised.listeners", e);
        }
    }

    private static void end(EventLoopGroup loops) {
        loops.shutdownGracefully(0, LOOPS_CLOSE_MS, TimeUnit.MILLISECONDS).awaitUninterruptibly(2 * LOOPS_CLOSE_MS);
    }
}
