package io.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testkit.JavaProcess;
import io.millrace.testkit.ProcessCluster;
import io.millrace.testkit.Wait;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The drivers and clients of Kafka Streams' own system tests while each broker and some clients are killed; what comes of
 * it is what the drivers say. Each test has a cluster of its own, because the programs' topics have fixed names.
 */
@Tag("drivers")
class StreamsDriversIT {
    private static final int PARTITIONS = 5;
    private static final Duration START_MAX = Duration.ofSeconds(60);
    private static final Duration DRIVER_MAX = Duration.ofSeconds(300); // it takes 90 s to generate, whatever happens
    private static final Duration END_MAX = Duration.ofSeconds(60);
    private static final int SHOWN_LINES_MAX = 40;
    private static final Duration PROGRESS_MAX = Duration.ofSeconds(90);
    private static final int HUNDREDS_BETWEEN_FAULTS = 10;

    private static final List<String> SMOKE_TOPICS = List.of(
            "data",
            "echo",
            "max",
            "min",
            "min-suppressed",
            "min-raw",
            "dif",
            "sum",
            "sws-raw",
            "sws-suppressed",
            "cnt",
            "avg",
            "tagg",
            "fk");
    private static final List<String> EXACTLY_ONCE_TOPICS =
            List.of("data", "echo", "min", "sum", "repartition", "max", "cnt");

    /**
     * The driver of Kafka 3 ends with records of the day after tomorrow, and what Streams makes of them is as late: brokers refuse such records
     * by default since Kafka 4. Streams' own topics are silent about it, so it is the brokers that must allow it.
     */
    private static final String ANY_TIME = Long.toString(Long.MAX_VALUE);

    /** Stays where the test fails: what the programs and the brokers printed is in it. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path directory;

    private ProcessCluster cluster;
    private SystemTestPrograms programs;
    private final List<JavaProcess> started = new ArrayList<>();

    @BeforeEach
    void start(TestInfo test) {
        System.out.println(test.getDisplayName());
        programs = new SystemTestPrograms(directory);
        cluster = ProcessCluster.aCluster(directory)
                .brokers(3)
                .detectingLeaks()
                .with("group.initial.rebalance.delay.ms", "0")
                .with("log.message.timestamp.after.max.ms", ANY_TIME)
                .start();
    }

    @AfterEach
    void stop() {
        started.stream().filter(JavaProcess::isAlive).forEach(JavaProcess::kill);
        if (cluster != null) {
            cluster.close();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"kafka.streams.version", "kafka.streams.previous.version"})
    void theSmokeTestSucceedsWhileEachBrokerAndAClientIsKilled(String versionProperty) {
        String version = System.getProperty(versionProperty);
        SMOKE_TOPICS.forEach(topic -> cluster.createTopic(topic, PARTITIONS, 3));
        JavaProcess first = smokeClient(version, "client-1");
        JavaProcess second = smokeClient(version, "client-2");
        first.awaitOutput("SMOKE-TEST-CLIENT-STARTED", 1, START_MAX);
        second.awaitOutput("SMOKE-TEST-CLIENT-STARTED", 1, START_MAX);
        JavaProcess driver = streams(version, "driver", "StreamsSmokeTest", settings("driver"), "run");
        driver.awaitOutput("1000 records produced", 1, START_MAX);

        killEachBroker("echo", "__consumer_offsets", "__transaction_state");
        first.kill();
        JavaProcess third = smokeClient(version, "client-3");
        third.awaitOutput("SMOKE-TEST-CLIENT-STARTED", 1, START_MAX);

        assertThat(driver.awaitExit(DRIVER_MAX))
                .as("its output is in %s", driver.output())
                .isZero();
        var verdict = new PrintedLines(driver.output());
        report(verdict, "recordGenerated", "recordProcessed", "Verification time");
        assertThat(verdict.read())
                .contains("ALL-RECORDS-DELIVERED", "SUCCESS")
                .doesNotContain("FAILURE", "FAILED", "PROCESSED-LESS-THAN-GENERATED", "PROCESSED-MORE-THAN-GENERATED");
        List.of(second, third).forEach(client -> {
            client.stop(END_MAX);
            List<String> printed = new PrintedLines(client.output()).read();
            String last =
                    String.join("\n", printed.subList(Math.max(0, printed.size() - SHOWN_LINES_MAX), printed.size()));
            assertThat(printed)
                    .as("the last that %s printed:%n%s", client.output().getFileName(), last)
                    .filteredOn(line -> line.contains("SMOKE-TEST-CLIENT"))
                    .anyMatch(line -> line.contains("SMOKE-TEST-CLIENT-CLOSED"))
                    .noneMatch(line -> line.contains("SMOKE-TEST-CLIENT-EXCEPTION"));
        });
    }

    /** With a folder for its state, as one that it makes itself is deleted by the end of its JVM while it is still closing. */
    private JavaProcess smokeClient(String version, String name) {
        String state = "state.dir=" + programs.folder("state-" + name);
        String settings = settings(name, state, "num.stream.threads=2", "num.standby.replicas=0");
        return streams(version, name, "StreamsSmokeTest", settings, "process");
    }

    /** These programs ended with Kafka Streams 3: that of 4 runs the smoke test exactly once instead. */
    @Test
    void theExactlyOnceTestSucceedsWhileEachBrokerAndEachClientIsKilled() {
        String version = System.getProperty("kafka.streams.previous.version");
        EXACTLY_ONCE_TOPICS.forEach(topic -> cluster.createTopic(topic, PARTITIONS, 3));
        JavaProcess driver = streams(version, "driver", "StreamsEosTest", settings("driver"), "run");
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            clients.add(exactlyOnceClient(version, i));
        }
        clients.forEach(Client::awaitRunning);
        awaitProcessed(clients);

        killEachBroker("repartition", "__consumer_offsets", "__transaction_state");
        for (int i = 0; i < clients.size(); i++) {
            awaitProcessed(clients);
            clients.get(i).process().kill();
            clients.set(i, exactlyOnceClient(version, i));
            clients.get(i).awaitRunning();
        }
        awaitProcessed(clients);
        driver.stop(END_MAX);
        for (Client client : clients) {
            client.process().stop(END_MAX);
            assertThat(client.printed().count("EOS-TEST-CLIENT-CLOSED")).isOne();
        }

        JavaProcess verifier = streams(version, "verifier", "StreamsEosTest", settings("verifier"), "verify-complex");
        assertThat(verifier.awaitExit(DRIVER_MAX))
                .as("its output is in %s", verifier.output())
                .isZero();
        report(new PrintedLines(driver.output()), "Producer closed");
        report(new PrintedLines(verifier.output()), "echo-");
        assertThat(new PrintedLines(verifier.output()).read())
                .contains("ALL-RECORDS-DELIVERED")
                .doesNotContain("FAILED");
    }

    private Client exactlyOnceClient(String version, int index) {
        String state = programs.folder("state-" + index).toString();
        String settings = settings("client-" + index, "state.dir=" + state);
        JavaProcess process = streams(
                version, "client-" + index + "-" + started.size(), "StreamsEosTest", settings, "process-complex");
        return new Client(process, new PrintedLines(process.output()));
    }

    private JavaProcess streams(String version, String name, String mainClass, String settings, String command) {
        JavaProcess process = programs.streams(version, name, mainClass, List.of(settings, command));
        started.add(process);
        return process;
    }

    private String settings(String name, String... more) {
        var lines = new ArrayList<>(List.of(
                "bootstrap.servers=" + cluster.bootstrapServers(),
                "processing.guarantee=exactly_once_v2",
                "replication.factor=3",
                "auto.offset.reset=earliest",
                "consumer.session.timeout.ms=6000",
                "consumer.heartbeat.interval.ms=500",
                "producer.transaction.timeout.ms=10000"));
        lines.addAll(List.of(more));
        return programs.settings(name + ".properties", lines);
    }

    private void killEachBroker(String... topics) {
        for (int id : cluster.brokerIds()) {
            cluster.kill(id);
            cluster.start(id);
            for (String topic : topics) {
                cluster.awaitInSync(topic);
            }
        }
    }

    private static void awaitProcessed(List<Client> clients) {
        long wanted = processed(clients) + HUNDREDS_BETWEEN_FAULTS;
        Wait.until("the clients print " + wanted + " times", PROGRESS_MAX, () -> processed(clients) >= wanted);
    }

    private static long processed(List<Client> clients) {
        return clients.stream().mapToLong(Client::hundredsProcessed).sum();
    }

    private static void report(PrintedLines printed, String... parts) {
        for (String part : parts) {
            printed.read().stream().filter(line -> line.contains(part)).forEach(System.out::println);
        }
    }

    /** One of those that the exactly-once test looks at and kills. */
    private record Client(JavaProcess process, PrintedLines printed) {
        void awaitRunning() {
            process.awaitOutput("-> RUNNING", 1, START_MAX);
        }

        /** It prints a line for every hundred records of a partition that it has processed. */
        long hundredsProcessed() {
            return printed.count("records from topic=");
        }
    }
}
