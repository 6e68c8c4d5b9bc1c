package io.millrace.ra.inbound;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.millrace.client.Admin;
import io.millrace.client.ClientException;
import io.millrace.client.ClusterClient;
import io.millrace.client.DestinationDescription;
import io.millrace.client.DestinationKind;
import io.millrace.client.QueueConsumerConfiguration;
import io.millrace.protocol.ErrorCode;
import io.millrace.ra.configuration.SharedClients;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Delivers the messages of one destination to one message-driven bean, from activation to deactivation.
 *
 * <pre>
 *   CONNECTING ──destination found, inflow opened──▶ DELIVERING ──a session fails──▶ CONNECTING
 *       │  ▲                                              │
 *       └──┘ failure: pause, again, for ever              │ every 10 s: does the destination answer?
 *            stop, from any state: finish what is being delivered, give back the rest, end
 * </pre>
 *
 * <p>State is owned by the supervisor, a thread of the activation's own, as are the threads of the sessions. They are
 * not the container's work threads: sessions live as long as the activation and would exhaust the container's pool.
 */
final class EndpointActivation {
    private static final System.Logger LOGGER = System.getLogger(EndpointActivation.class.getName());

    /** How long a stop waits for messages that are being delivered before their threads are interrupted. */
    static final Duration FINISH_WAIT = Duration.ofSeconds(30);

    /** How long it waits after that. */
    private static final Duration INTERRUPTED_WAIT = Duration.ofSeconds(5);

    private static final Duration WATCH_INTERVAL = Duration.ofSeconds(10);

    private final String name;
    private final DeliveryPlan plan;
    private final SharedClients.Lease lease;
    private final StopSignal stop;
    private final InflowContext context;
    private final OutageLog outage;
    private final TopicPositions positions = new TopicPositions();
    private final ScheduledThreadPoolExecutor supervisor;
    private final List<Thread> supervisorThreads = new CopyOnWriteArrayList<>();

    private @Nullable Inflow inflow;
    private @Nullable SessionThreads sessions;
    private int failures;
    private boolean proven = true;

    /** @param name of the bean, for logs and threads */
    EndpointActivation(
            String name, DeliveryPlan plan, SharedClients.Lease lease, EndpointFacilities facilities, StopSignal stop) {
        this.name = name;
        this.plan = plan;
        this.lease = lease;
        this.stop = stop;
        String subject = plan.destinationText() + " for " + name;
        InstantSource clock = facilities.clock();
        this.outage = new OutageLog(LOGGER, subject, clock);
        EndpointDelivery delivery = new EndpointDelivery(
                facilities.factory(),
                facilities.transactions(),
                stop,
                new OutageLog(LOGGER, "The endpoint of " + subject, clock));
        this.context = new InflowContext(
                delivery,
                facilities.decoder(),
                stop,
                this::later,
                new OutageLog(LOGGER, "Acknowledging to " + subject, clock),
                clock);
        this.supervisor = new ScheduledThreadPoolExecutor(1, this::newSupervisorThread);
        supervisor.setRemoveOnCancelPolicy(true);
    }

    private Thread newSupervisorThread(Runnable task) {
        Thread thread = SessionThreads.newThread("millrace-" + name + "-supervisor", task);
        supervisorThreads.add(thread);
        return thread;
    }

    void start() {
        LOGGER.log(
                INFO,
                () -> plan.destinationText() + " will be delivered to " + name + " by up to " + plan.sessions()
                        + " sessions");
        supervise(this::connect);
    }

    // A failure of any kind is an outage: the activation goes on trying as long as the bean is deployed.
    @SuppressWarnings("checkstyle:IllegalCatch")
    private void connect() {
        if (stop.isSet()) {
            return;
        }
        try {
            DestinationDescription destination = findDestination();
            Inflow opened = open(destination);
            inflow = opened;
            sessions = SessionThreads.start(name, opened, failure -> supervise(() -> onSessionFailed(opened, failure)));
            if (proven) {
                hasRecovered();
            }
            later(WATCH_INTERVAL, () -> watch(opened));
        } catch (InterruptedException ignored) {
            // The activation is ending.
        } catch (ExecutionException e) {
            retryAfter(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            retryAfter(new TimeoutException("the cluster did not answer in time; is "
                    + lease.client().configuration().bootstrapServers() + " right?"));
        } catch (RuntimeException e) {
            retryAfter(e);
        }
    }

    private DestinationDescription findDestination() throws InterruptedException, ExecutionException, TimeoutException {
        Admin admin = lease.client().admin();
        if (plan.createDestination()) {
            return stop.result(admin.ensure(plan.destination(), plan.kind()), answerWait());
        }
        DestinationDescription found = stop.result(admin.describe(List.of(plan.destination())), answerWait())
                .get(plan.destination());
        if (found == null) {
            throw new ClientException(
                    ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
                    "there is no " + plan.destinationText() + "; create it, or set createDestination to true");
        }
        if (found.kind() != plan.kind()) {
            throw new ClientException(
                    ErrorCode.INVALID_REQUEST,
                    plan.destination() + " is a " + found.kind() + ", but the bean wants a " + plan.kind()
                            + "; correct its destinationType");
        }
        return found;
    }

    /** A call of the client has its own bound; this one is the backstop. */
    private Duration answerWait() {
        return lease.client().configuration().requestTimeout().plusSeconds(5);
    }

    private Inflow open(DestinationDescription destination)
            throws InterruptedException, ExecutionException, TimeoutException {
        ClusterClient client = lease.client();
        if (plan.kind() == DestinationKind.QUEUE) {
            QueueConsumerConfiguration configuration = QueueConsumerConfiguration.defaults()
                    .withPrefetch(plan.prefetch())
                    .withSelector(plan.selector());
            return new QueueInflow(client.newQueueConsumer(plan.destination(), configuration), plan, context);
        }
        positions.begin(client, destination, stop, answerWait());
        return new TopicInflow(client, plan, positions, context, destination);
    }

    private void retryAfter(Throwable cause) {
        failures++;
        outage.failed(cause, "it is tried again until it works");
        later(Backoff.OF_OUTAGES.pauseAfter(failures), this::connect);
    }

    private void onSessionFailed(Inflow failed, Throwable cause) {
        if (failed == inflow) {
            outage.failed(cause, "it is tried again until it works");
            end(false);
            failures++;
            proven = false;
            later(Backoff.OF_OUTAGES.pauseAfter(failures), this::connect);
        }
    }

    private void watch(Inflow watched) {
        if (watched != inflow) {
            return;
        }
        CompletableFuture<DestinationDescription> answer = lease.client()
                .admin()
                .describe(List.of(plan.destination()))
                .thenApply(found -> found.get(plan.destination()));
        answer.whenComplete((found, failure) -> supervise(() -> onWatched(watched, found, failure)));
    }

    private void onWatched(Inflow watched, @Nullable DestinationDescription found, @Nullable Throwable failure) {
        if (watched != inflow) {
            return;
        }
        if (failure != null) {
            outage.failed(failure, "the client reconnects by itself");
        } else if (found == null) {
            onSessionFailed(watched, new IllegalStateException("the destination was deleted"));
        } else {
            hasRecovered();
            watched.onDescription(found);
        }
        later(WATCH_INTERVAL, () -> watch(watched));
    }

    // After a session failed it takes more than a connection to believe that all is well: no flood, and longer pauses.
    private void hasRecovered() {
        proven = true;
        failures = 0;
        outage.works();
    }

    /** Finishes what is being delivered. {@code last} says that the activation is ending. */
    private void end(boolean last) {
        Inflow ending = inflow;
        SessionThreads threads = sessions;
        inflow = null;
        sessions = null;
        if (ending == null || threads == null) {
            return;
        }
        ending.quiesce();
        boolean finished = threads.awaitEnd(FINISH_WAIT, INTERRUPTED_WAIT);
        if (!finished) {
            LOGGER.log(
                    WARNING,
                    () -> name + " still has messages of " + plan.destinationText() + " in delivery "
                            + (last ? "after the activation ended" : "after the connection failed")
                            + "; they will be delivered again");
        }
        ending.close();
    }

    private void later(Duration pause, Runnable action) {
        try {
            supervisor.schedule(guarded(action), pause.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException ignored) {
            // The activation has ended, and with it everything that was due later.
        }
    }

    private void supervise(Runnable action) {
        later(Duration.ZERO, action);
    }

    // An executor swallows what a task throws.
    @SuppressWarnings("checkstyle:IllegalCatch")
    private Runnable guarded(Runnable action) {
        return () -> {
            try {
                action.run();
            } catch (RuntimeException e) {
                outage.failed(e, "the activation goes on");
            }
        };
    }

    /** Lets no further delivery begin. Returns at once; {@link #awaitStopped()} waits. */
    void stop() {
        stop.set();
        supervise(() -> {
            end(true);
            supervisor.shutdownNow();
        });
    }

    /** Waits, bounded, until deliveries have finished and the threads have ended; then gives up the client. */
    void awaitStopped() {
        boolean interrupted = false;
        try {
            Duration bound = FINISH_WAIT.plus(INTERRUPTED_WAIT).plusSeconds(5);
            if (!supervisor.awaitTermination(bound.toMillis(), TimeUnit.MILLISECONDS)) {
                LOGGER.log(
                        WARNING, () -> "The activation of " + name + " did not end within " + bound.toSeconds() + " s");
            }
            // An executor says that it has terminated a moment before its thread ends.
            for (Thread thread : supervisorThreads) {
                thread.join(INTERRUPTED_WAIT.toMillis());
            }
        } catch (InterruptedException e) {
            interrupted = true;
        }
        supervisor.shutdownNow();
        lease.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
