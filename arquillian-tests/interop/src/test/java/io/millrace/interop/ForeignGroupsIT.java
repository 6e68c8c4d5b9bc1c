package io.millrace.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.testkit.ProcessCluster;
import io.millrace.testkit.Programs;
import io.millrace.testkit.Wait;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Consumer groups and transactions of clients that are not written in Java: kcat (librdkafka) and kafkajs. */
class ForeignGroupsIT {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int PARTITIONS = 2;

    @TempDir
    static Path directory;

    private static ProcessCluster cluster;
    private static AnsweringProgram kafkaJs;

    @BeforeAll
    static void start() {
        Programs.requireKcat();
        Path modules = Programs.requireKafkaJs("2.2.4");
        kafkaJs = AnsweringProgram.start(
                "kafkajs groups",
                directory,
                List.of(
                        "env",
                        "NODE_PATH=" + modules.resolve("node_modules"),
                        "KAFKAJS_NO_PARTITIONER_WARNING=1",
                        "node",
                        Path.of("src/test/js/groups.js").toAbsolutePath().toString()));
        cluster = ProcessCluster.aCluster(directory)
                .brokers(3)
                .detectingLeaks()
                .with("group.initial.rebalance.delay.ms", "0")
                .start();
    }

    @AfterAll
    static void stop() {
        if (kafkaJs != null) {
            kafkaJs.close();
        }
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void kcatGoesOnWhereItsGroupStopped() throws Exception {
        cluster.createTopic("for-kcat", PARTITIONS, 3);
        List<String> before = values("before", 40);
        kcat(before, "-P", "-t", "for-kcat");
        List<String> first = consumeWithKcat("kcats", 15);
        assertThat(committed("kcats"))
                .isEqualTo(first.size())
                .isGreaterThanOrEqualTo(15); // of what it has at hand it may print more

        List<String> after = values("after", 10);
        kcat(after, "-P", "-t", "for-kcat");
        List<String> rest = consumeWithKcat("kcats", 50 - first.size());

        assertThat(Stream.concat(first.stream(), rest.stream()))
                .containsExactlyInAnyOrderElementsOf(
                        Stream.concat(before.stream(), after.stream()).toList());
        assertThat(committed("kcats")).isEqualTo(50);
    }

    private static List<String> consumeWithKcat(String group, int count) {
        return kcat(
                List.of(),
                "-G",
                group,
                "-q",
                "-c",
                Integer.toString(count),
                "-X",
                "auto.offset.reset=earliest",
                "for-kcat");
    }

    @Test
    void whatKcatCommitsIsReadAndWhatItLeavesOpenIsNot() throws Exception {
        cluster.createTopic("by-kcat", PARTITIONS, 3);
        List<String> committed = values("committed", 20);
        kcat(committed, "-P", "-t", "by-kcat", "-X", "transactional.id=kcat");
        assertThat(readCommitted("by-kcat")).containsExactlyInAnyOrderElementsOf(committed);

        Process killed = new ProcessBuilder(
                        "kcat", "-P", "-b", cluster.bootstrapServers(), "-t", "by-kcat", "-X", "transactional.id=kcat")
                .redirectError(directory.resolve("killed-kcat.err").toFile())
                .start();
        try {
            write(killed, values("open", 3_000)); // kcat reads its input in blocks
            Wait.until("the open transaction is in the log", SOON, () -> read("by-kcat", "read_uncommitted")
                    .contains("open-100"));
            assertThat(readCommitted("by-kcat")).containsExactlyInAnyOrderElementsOf(committed);
        } finally {
            killed.destroyForcibly().waitFor();
        }

        List<String> later = values("later", 20);
        kcat(later, "-P", "-t", "by-kcat", "-X", "transactional.id=kcat");
        assertThat(readCommitted("by-kcat"))
                .containsExactlyInAnyOrderElementsOf(
                        Stream.concat(committed.stream(), later.stream()).toList());
    }

    @Test
    void membersOfKafkaJsShareTheirPartitions() {
        cluster.createTopic("for-kafkajs", PARTITIONS, 3);
        kafkaJs.ask("join " + cluster.bootstrapServers() + " for-kafkajs", List.of());
        kcat(values("for-one", 20), "-P", "-t", "for-kafkajs", "-p", "0");
        kcat(values("for-other", 20), "-P", "-t", "for-kafkajs", "-p", "1");

        List<String[]> taken = kafkaJs.ask("take 40", List.of()).stream()
                .map(line -> line.split(" "))
                .toList();

        Map<String, String> memberOfPartition = taken.stream()
                .collect(toMap(words -> words[1], words -> words[0], (one, other) -> {
                    assertThat(other).as("who reads a partition").isEqualTo(one);
                    return one;
                }));
        assertThat(memberOfPartition.values()).containsExactlyInAnyOrder("one", "other");
        assertThat(taken.stream().map(words -> words[1] + "-" + words[2]))
                .hasSize(40)
                .doesNotHaveDuplicates();
    }

    @Test
    void transactionsOfKafkaJsAreReadWholeOrNotAtAll() {
        cluster.createTopic("by-kafkajs", PARTITIONS, 3);
        String prefix = "transact " + cluster.bootstrapServers() + " by-kafkajs ";

        kafkaJs.ask(prefix + "commit a b c", List.of());
        kafkaJs.ask(prefix + "abort d e f", List.of());
        kafkaJs.ask(prefix + "commit g", List.of());

        assertThat(readCommitted("by-kafkajs")).containsExactlyInAnyOrder("a", "b", "c", "g");
        assertThat(read("by-kafkajs", "read_uncommitted")).containsExactlyInAnyOrder("a", "b", "c", "d", "e", "f", "g");
    }

    private static List<String> values(String name, int count) {
        return IntStream.range(0, count).mapToObj(i -> name + "-" + i).toList();
    }

    private static List<String> kcat(List<String> input, String... arguments) {
        var command = new ArrayList<>(List.of("kcat", "-b", cluster.bootstrapServers()));
        command.addAll(Arrays.asList(arguments));
        String lines = input.isEmpty() ? "" : String.join("\n", input) + "\n";
        return new String(Programs.run(command, lines.getBytes(UTF_8)), UTF_8)
                .lines()
                .toList();
    }

    private static void write(Process process, List<String> values) throws IOException {
        var input = process.outputWriter(UTF_8);
        for (String value : values) {
            input.write(value + "\n");
        }
        input.flush();
    }

    private static List<String> readCommitted(String topic) {
        return read(topic, "read_committed");
    }

    private static List<String> read(String topic, String isolation) {
        return kcat(List.of(), "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-X", "isolation.level=" + isolation);
    }

    /** All partitions' offsets of a group together. */
    private static long committed(String group) throws ExecutionException, InterruptedException, TimeoutException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrapServers()))) {
            return admin
                    .listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get(SOON.toSeconds(), TimeUnit.SECONDS)
                    .values()
                    .stream()
                    .mapToLong(OffsetAndMetadata::offset)
                    .sum();
        }
    }
}
