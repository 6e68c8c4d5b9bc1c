package io.millrace.quickstart;

import io.millrace.testkit.ProcessCluster;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/**
 * Starts three brokers and a WildFly with the resource adapter and the samples, sends orders, kills a broker, shows that
 * nothing is lost, and stays up until it is interrupted.
 *
 * <p>Owned by the main thread; the shutdown hook only closes, and what is to be closed is guarded by this.
 */
public final class Quickstart implements AutoCloseable {
    private static final String QUEUE = "orders";
    private static final int ORDERS = 5;
    private static final int TITLE_WIDTH = 17;
    private static final Duration SERVER_START_MAX = Duration.ofMinutes(4);

    private final Settings settings;
    private final PrintStream out;
    private final Workspace workspace;
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private volatile boolean isClosed;

    /**
     * Where things are.
     *
     * @param wildFlyHome an unpacked WildFly, which is left as it is
     * @param deployments the folder of the RAR, the WARs, and the program that belongs to one of them
     * @param samples which of them are deployed
     * @param exitsAfterwards ends after the demonstration instead of staying up
     */
    record Settings(
            Path wildFlyHome, Path deployments, List<Sample> samples, Path runDirectory, boolean exitsAfterwards) {
        static Settings fromSystemProperties() {
            return new Settings(
                    Path.of(required("quickstart.wildfly.home")),
                    Path.of(required("quickstart.deployments")),
                    Sample.named(required("quickstart.samples")),
                    Path.of(required("quickstart.run.directory")),
                    Boolean.getBoolean("quickstart.exit"));
        }

        private static String required(String key) {
            String value = System.getProperty(key);
            if (value == null || value.isBlank()) {
                throw new IllegalArgumentException("the system property " + key + " is missing");
            }
            return value;
        }

        /** The RAR and the WARs of the samples. */
        List<Path> archives() {
            return Stream.concat(Stream.of("millrace.rar"), samples.stream().map(sample -> sample.path() + ".war"))
                    .map(deployments::resolve)
                    .toList();
        }
    }

    Quickstart(Settings settings, PrintStream out) {
        this.settings = settings;
        this.out = out;
        this.workspace = Workspace.create(settings.runDirectory());
        parts.push(workspace);
    }

    @SuppressWarnings(
            "checkstyle:IllegalCatch") // the last line of defence: whatever failed is told, and the exit code says so
    public static void main(String[] arguments) {
        PrintStream out = Console.out();
        int exitCode = 1;
        var quickstart = new Quickstart(Settings.fromSystemProperties(), out);
        var hook = new Thread(quickstart::close, "quickstart-shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        endWithParent();
        try {
            quickstart.run();
            exitCode = 0;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | AssertionError e) {
            quickstart.tell(e);
        }
        quickstart.close();
        System.exit(exitCode);
    }

    /** Ctrl-C reaches all processes of a terminal; who ends Maven alone wants the rest ended, too. */
    private static void endWithParent() {
        ProcessHandle.current().parent().ifPresent(parent -> parent.onExit().thenRun(() -> System.exit(1)));
    }

    /** A part that fails because it is being stopped is no failure. */
    private void tell(Throwable failure) {
        if (!isClosed) {
            out.println();
            out.println("The quickstart failed: " + failure.getMessage());
            workspace.keepLogs(out);
        }
    }

    void run() throws InterruptedException {
        say("Starting ZooKeeper and three brokers");
        ProcessCluster brokers =
                own(ProcessCluster.aCluster(workspace.directory().resolve("cluster"))
                        .brokers(3)
                        .preferringPorts(9092, 2181)
                        .start());
        settings.samples().forEach(sample -> sample.createDestinations(brokers));
        say("Brokers: " + brokers.bootstrapServers() + "   ZooKeeper: " + brokers.zooKeeperConnect());
        Optional<StreamProcessor> processor = startProcessor(brokers.bootstrapServers());
        say("Starting WildFly with the resource adapter and the samples");
        WildFly wildFly = startServer(brokers.bootstrapServers());
        settings.samples().forEach(sample -> wildFly.awaitServing(sample.resource(), SERVER_START_MAX));
        if (settings.samples().contains(Sample.ORDERS)) {
            demonstrate(brokers, new OrdersClient(wildFly.uri(Sample.ORDERS.resource()), out));
        }
        processor.ifPresent(
                running -> demonstrate(running, new TillClient(wildFly.uri(Sample.STREAM_PROCESSING.page()), out)));
        printAddresses(brokers, wildFly);
        if (!settings.exitsAfterwards()) {
            out.println("Ctrl-C stops everything.");
            out.flush();
            new CountDownLatch(1).await();
        }
    }

    private void demonstrate(ProcessCluster brokers, OrdersClient orders) {
        say("Sending " + ORDERS + " orders by REST; an injected producer puts each on the queue '" + QUEUE + "'");
        orders.send(ORDERS);
        orders.awaitStored();
        int leader = brokers.leaderOf(QUEUE, 0);
        say("Killing broker " + leader + " (kill -9), the leader of partition 0 of the queue, and sending " + ORDERS
                + " more");
        brokers.kill(leader);
        orders.send(ORDERS);
        orders.awaitStored();
        say("Nothing was lost. Starting broker " + leader + " again");
        brokers.start(leader);
        brokers.awaitInSync(QUEUE);
        say("Broker " + leader + " is in sync again");
    }

    private void demonstrate(StreamProcessor processor, TillClient till) {
        say("Selling at a till; Kafka Streams sums the sales up, and a message-driven bean gets the revenue");
        processor.awaitRunning();
        till.sellAndAwaitRevenue();
    }

    private void printAddresses(ProcessCluster brokers, WildFly wildFly) {
        out.println();
        settings.samples().forEach(sample -> address(sample.title(), wildFly.uri(sample.page())));
        address("Brokers", brokers.bootstrapServers());
        address("Server log", wildFly.log());
        out.println();
        settings.samples().stream()
                .flatMap(sample -> sample.topic().stream())
                .findFirst()
                .ifPresent(topic -> printReaders(topic, brokers.bootstrapServers()));
        out.flush();
    }

    private void printReaders(String topic, String bootstrapServers) {
        out.println("  The same topic with the millrace command and with kcat:");
        out.println("    " + workspace.millraceCommand(bootstrapServers) + " consume " + topic + " --from beginning");
        out.println("    kcat -C -t " + topic + " -o beginning -b " + bootstrapServers);
        out.println();
    }

    private void address(String title, Object where) {
        out.println("  " + title + " ".repeat(TITLE_WIDTH - title.length()) + where);
    }

    private synchronized Optional<StreamProcessor> startProcessor(String bootstrapServers) {
        if (!settings.samples().contains(Sample.STREAM_PROCESSING)) {
            return Optional.empty();
        }
        checkOpen();
        say("Starting the Kafka Streams program of the sample " + Sample.STREAM_PROCESSING.path());
        return Optional.of(own(StreamProcessor.start(
                settings.deployments().resolve("stream-processor"), workspace.directory(), bootstrapServers)));
    }

    /** Not while it is closed: a server that was started behind the back of {@link #close} would stay. */
    private synchronized WildFly startServer(String bootstrapServers) {
        checkOpen();
        return own(WildFly.start(
                settings.wildFlyHome(),
                workspace.directory().resolve("wildfly"),
                settings.archives(),
                bootstrapServers));
    }

    private synchronized <T extends AutoCloseable> T own(T part) {
        checkOpen();
        parts.push(part);
        return part;
    }

    private void checkOpen() {
        if (isClosed) {
            throw new IllegalStateException("it was stopped while it started");
        }
    }

    /** Stops what was started, the latest first, and deletes its files. Idempotent. */
    @Override
    @SuppressWarnings("checkstyle:IllegalCatch") // one part that cannot be stopped must not keep the others running
    public synchronized void close() {
        isClosed = true;
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (Exception e) {
                out.println("While stopping: " + e);
            }
        }
    }

    private void say(String what) {
        out.println("==> " + what);
        out.flush();
    }
}
