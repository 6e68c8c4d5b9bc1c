package io.millrace.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.interop.KafkaCommands.Result;
import io.millrace.testkit.JavaProcess;
import io.millrace.testkit.ProcessCluster;
import io.millrace.testkit.Wait;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kafka's command-line classes do with a cluster what its operators do with them. */
class KafkaCommandsIT {
    private static final String TOOLS = "org.apache.kafka.tools.";
    private static final String TOPICS = TOOLS + "TopicCommand";
    private static final String CONFIGS = "kafka.admin.ConfigCommand";
    private static final String GROUPS = TOOLS + "consumer.group.ConsumerGroupCommand";
    private static final String PRODUCER = TOOLS + "ConsoleProducer";
    private static final String CONSUMER = TOOLS + "consumer.ConsoleConsumer";
    private static final String OFFSETS = TOOLS + "GetOffsetShell";
    private static final String REASSIGN = TOOLS + "reassign.ReassignPartitionsCommand";
    private static final String TRANSACTIONS = TOOLS + "TransactionsCommand";

    private static final Duration PROCESS_MAX = Duration.ofSeconds(60);

    @TempDir
    static Path directory;

    private static ProcessCluster cluster;
    private static KafkaCommands commands;

    @BeforeAll
    static void start() throws Exception {
        commands = new KafkaCommands(Path.of(System.getProperty("kafka.tools.jars")));
        cluster = ProcessCluster.aCluster(directory)
                .brokers(2)
                .with("group.initial.rebalance.delay.ms", "0")
                .with("auto.leader.rebalance.enable", "false")
                .start();
    }

    @AfterAll
    static void stop() throws Exception {
        if (cluster != null) {
            cluster.close();
        }
        commands.close();
    }

    @Test
    void topicsAreCreatedDescribedGrownListedAndDeleted() throws Exception {
        assertThat(run(TOPICS, "--create", "--topic", "grown", "--partitions", "1", "--replication-factor", "2")
                        .output())
                .contains("Created topic grown.");

        run(TOPICS, "--alter", "--topic", "grown", "--partitions", "3");

        assertThat(run(TOPICS, "--describe", "--topic", "grown").lines())
                .anyMatch(line -> line.contains("PartitionCount: 3") && line.contains("ReplicationFactor: 2"))
                .filteredOn(line -> line.contains("Partition: "))
                .hasSize(3)
                .allMatch(line -> line.contains("Leader: 1") || line.contains("Leader: 2"));
        assertThat(run(TOPICS, "--list").lines()).contains("grown");
        run(TOPICS, "--delete", "--topic", "grown");
        assertThat(run(TOPICS, "--list").lines()).doesNotContain("grown");
    }

    @Test
    void configurationsOfTopicsBrokersAndClientsAreChangedAndDescribed() throws Exception {
        create("configured", 1);

        alter("topics", "configured", "--add-config", "retention.ms=60000,cleanup.policy=[compact,delete]");
        alter("brokers", "1", "--add-config", "log.retention.ms=70000");
        alter("clients", "greedy", "--add-config", "producer_byte_rate=1000");

        assertThat(described("topics", "configured")).contains("retention.ms=60000", "cleanup.policy=compact,delete");
        assertThat(described("brokers", "1")).contains("log.retention.ms=70000");
        assertThat(described("clients", "greedy")).contains("producer_byte_rate=1000");
        alter("topics", "configured", "--delete-config", "retention.ms");
        assertThat(described("topics", "configured")).doesNotContain("retention.ms=60000");
    }

    @Test
    void whatTheConsoleProducerReadsTheConsoleConsumerPrintsInAGroupThatIsDescribedResetAndDeleted() throws Exception {
        create("lines", 1);

        send("lines", "a:first\nb:second\nc:third\n");
        Result printed = run(
                CONSUMER,
                "--topic",
                "lines",
                "--from-beginning",
                "--group",
                "readers",
                "--max-messages",
                "3",
                "--formatter-property",
                "print.key=true");

        assertThat(printed.lines()).containsSubsequence("a\tfirst", "b\tsecond", "c\tthird");
        send("lines", "d:fourth\n");
        assertThat(run(GROUPS, "--describe", "--group", "readers").output())
                .containsPattern("readers +lines +0 +3 +4 +1 ");
        assertThat(run(GROUPS, "--list", "--state").output()).containsPattern("readers +Empty");
        assertThat(run(
                                GROUPS,
                                "--reset-offsets",
                                "--to-earliest",
                                "--topic",
                                "lines",
                                "--group",
                                "readers",
                                "--execute")
                        .output())
                .containsPattern("readers +lines +0 +0");
        run(GROUPS, "--delete", "--group", "readers");
        assertThat(run(GROUPS, "--list").lines()).doesNotContain("readers");
    }

    @Test
    void recordsAreDeletedAndOffsetsShown() throws Exception {
        create("shortened", 1);
        send("shortened", "a:1\nb:2\nc:3\n");

        Path offsets =
                file("offsets.json", "{'version':1,'partitions':[{'topic':'shortened','partition':0,'offset':2}]}");
        assertThat(run(TOOLS + "DeleteRecordsCommand", "--offset-json-file", offsets.toString())
                        .output())
                .contains("partition: shortened-0\tlow_watermark: 2");

        assertThat(run(OFFSETS, "--topic", "shortened", "--time", "earliest").lines())
                .contains("shortened:0:2");
        assertThat(run(OFFSETS, "--topic", "shortened").lines()).contains("shortened:0:3");
    }

    @Test
    void logDirectoriesAreDescribed() throws Exception {
        create("kept", 1);

        assertThat(run(TOOLS + "LogDirsCommand", "--describe", "--topic-list", "kept")
                        .output())
                .contains(
                        "\"partition\":\"kept-0\"",
                        "\"error\":null",
                        cluster.dataDirectory(2).toString());
    }

    @Test
    void partitionsAreMovedUnderAThrottleAndTheirPreferredLeadersElected() throws Exception {
        create("moved", 1);
        Path plan = file("plan.json", "{'version':1,'partitions':[{'topic':'moved','partition':0,'replicas':[2,1]}]}");

        assertThat(run(REASSIGN, "--execute", "--throttle", "5000000", "--reassignment-json-file", plan.toString())
                        .output())
                .contains(
                        "throttle limit was set to 5000000", "Successfully started partition reassignment for moved-0");
        Wait.until("the partition is moved", Duration.ofSeconds(30), () -> verified(plan)
                .contains("Reassignment of partition moved-0 is completed."));

        assertThat(run(
                                TOOLS + "LeaderElectionCommand",
                                "--election-type",
                                "preferred",
                                "--topic",
                                "moved",
                                "--partition",
                                "0")
                        .output())
                .containsPattern("(Successfully completed|Valid replica already elected).*moved-0");
        assertThat(cluster.leaderOf("moved", 0)).isEqualTo(2);
        assertThat(described("brokers", "2")).doesNotContain("throttled");
    }

    private static String verified(Path plan) {
        try {
            return run(REASSIGN, "--verify", "--reassignment-json-file", plan.toString())
                    .output();
        } catch (Exception e) {
            throw new IllegalStateException("verifying the move", e);
        }
    }

    @Test
    void aTransactionThatNobodyEndsIsFoundDescribedAndAborted() throws Exception {
        create("transacted", 1);
        try (var producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", cluster.bootstrapServers(), "transactional.id", "forgotten"),
                new StringSerializer(),
                new StringSerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("transacted", "open")).get();

            assertThat(run(TRANSACTIONS, "list").output()).containsPattern("forgotten\\s+\\d+\\s+\\d+\\s+Ongoing");
            assertThat(run(TRANSACTIONS, "describe", "--transactional-id", "forgotten")
                            .output())
                    .contains("Ongoing", "transacted-0");
            assertThat(run(TRANSACTIONS, "describe-producers", "--topic", "transacted", "--partition", "0")
                            .output())
                    .containsPattern("ProducerId[^\n]+\n\\d+");
            assertThat(run(TRANSACTIONS, "find-hanging", "--broker-id", "1").output())
                    .doesNotContain("Failed");
            run(TRANSACTIONS, "abort", "--topic", "transacted", "--partition", "0", "--start-offset", "0");

            Wait.until("no transaction is open", Duration.ofSeconds(30), () -> !listed().contains("Ongoing"));
        }
    }

    private static String listed() {
        try {
            return run(TRANSACTIONS, "describe-producers", "--topic", "transacted", "--partition", "0")
                    .output();
        } catch (Exception e) {
            throw new IllegalStateException("listing transactions", e);
        }
    }

    @Test
    void versionsOfEveryBrokerAreTold() throws Exception {
        Result told = run(TOOLS + "BrokerApiVersionsCommand");

        assertThat(told.output())
                .contains("127.0.0.1:" + cluster.port(1) + " (id: 1 ", "127.0.0.1:" + cluster.port(2) + " (id: 2 ")
                .containsPattern("Produce\\(0\\): 0 to 13 \\[usable: 13]");
    }

    @Test
    void aProducerIsMeasuredAndAConsumer() throws Exception {
        create("measured", 2);

        assertThat(runPlain(
                                "",
                                TOOLS + "ProducerPerformance",
                                "--bootstrap-server",
                                cluster.bootstrapServers(),
                                "--topic",
                                "measured",
                                "--num-records",
                                "500",
                                "--record-size",
                                "100",
                                "--throughput",
                                "-1")
                        .output())
                .contains("500 records sent");
        assertThat(run(TOOLS + "ConsumerPerformance", "--topic", "measured", "--num-records", "500", "--group", "meter")
                        .output())
                .contains(", 500, ");
    }

    @Test
    void whatTheVerifiableProducerSendsTheVerifiableConsumerCommits() throws Exception {
        create("verified", 1);

        JavaProcess producer = process("VerifiableProducer", "--topic", "verified", "--max-messages", "20");
        JavaProcess consumer = process(
                "VerifiableConsumer",
                "--topic",
                "verified",
                "--group-id",
                "verifiers",
                "--max-messages",
                "20",
                "--reset-policy",
                "earliest");

        producer.awaitOutput("\"sent\":20,\"acked\":20", 1, PROCESS_MAX);
        consumer.awaitOutput(
                "\"offsets\":[{\"topic\":\"verified\",\"partition\":0,\"offset\":20}],\"success\":true",
                1,
                PROCESS_MAX);
    }

    /** Of a command that says the most when its process ends. */
    private static JavaProcess process(String command, String... arguments) {
        var all = new ArrayList<>(List.of("--bootstrap-server", cluster.bootstrapServers()));
        all.addAll(List.of(arguments));
        return JavaProcess.startWith(
                commands.classPath(),
                command,
                directory.resolve(command + ".out"),
                List.of("-Xmx128m", "-XX:TieredStopAtLevel=1"),
                TOOLS + command,
                all);
    }

    private static void create(String topic, int partitions) {
        cluster.createTopic(topic, partitions, 2);
    }

    private static void send(String topic, String keysAndValues) throws Exception {
        runPlain(
                keysAndValues,
                PRODUCER,
                "--bootstrap-server",
                cluster.bootstrapServers(),
                "--topic",
                topic,
                "--reader-property",
                "parse.key=true",
                "--reader-property",
                "key.separator=:");
    }

    private static void alter(String type, String name, String... change) throws Exception {
        var arguments = new ArrayList<>(List.of("--alter", "--entity-type", type, "--entity-name", name));
        arguments.addAll(List.of(change));
        run(CONFIGS, arguments.toArray(String[]::new));
    }

    private static String described(String type, String name) throws Exception {
        return run(CONFIGS, "--describe", "--entity-type", type, "--entity-name", name)
                .output();
    }

    private static Path file(String name, String json) throws Exception {
        return Files.writeString(directory.resolve(name), json.replace('\'', '"'));
    }

    /** Of a command that succeeds. */
    private static Result run(String command, String... arguments) throws Exception {
        var all = new ArrayList<>(List.of("--bootstrap-server", cluster.bootstrapServers()));
        all.addAll(List.of(arguments));
        return runPlain("", command, all.toArray(String[]::new));
    }

    private static Result runPlain(String input, String command, String... arguments) throws Exception {
        Result result = commands.run(input, command, arguments);
        assertThat(result.status()).as("%s", result.output()).isZero();
        return result;
    }
}
