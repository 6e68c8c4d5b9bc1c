package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands of a client, against a cluster in this process. */
@Timeout(120)
class ClusterCommandsIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path directory;

    private static DevCluster cluster;

    @BeforeAll
    static void start() {
        cluster = new DevCluster(new DevCluster.Options(2, directory.resolve("data"), 0, 0));
        cluster.start();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void aTopicIsCreatedListedDescribedAndDeleted() throws JsonProcessingException {
        assertThat(succeeds("topic", "create", "life", "-p", "3", "-r", "2"))
                .isEqualToIgnoringNewLines("Created topic life with 3 partition(s)");
        assertThat(succeeds("topic", "list")).contains("life").contains("3 partition(s)");
        JsonNode described = JSON.readTree(succeeds("topic", "describe", "life", "--json"));
        assertThat(described.get("kind").asText()).isEqualTo("topic");
        assertThat(described.get("partitions")).hasSize(3);
        assertThat(described.get("partitions").get(0).get("replicas")).hasSize(2);

        assertThat(succeeds("topic", "delete", "life")).isEqualToIgnoringNewLines("Deleted life");

        assertThat(fails("topic", "describe", "life")).contains("there is no destination named life");
        assertThat(fails("topic", "delete", "life")).contains("life");
    }

    @Test
    void eachDestinationThatIsDeletedIsADocument() {
        succeeds("topic", "create", "gone-1");
        succeeds("topic", "create", "gone-2", "--kind", "queue");

        List<JsonNode> deleted = json(succeeds("topic", "delete", "gone-1", "gone-2", "--json"));

        assertThat(deleted)
                .extracting(each ->
                        each.get("name").asText() + " " + each.get("deleted").asBoolean())
                .containsExactly("gone-1 true", "gone-2 true");
        assertThat(succeeds("topic", "list")).doesNotContain("gone-1", "gone-2");
    }

    @Test
    void aSettingOfTheOtherKindIsRefusedWithAReason() {
        assertThat(fails("topic", "create", "kept", "--kind", "queue", "-c", "retention.ms=1000"))
                .contains("retention.ms=1000", "a queue keeps what is not acknowledged");
        assertThat(fails("topic", "create", "aged", "-c", "replay.retention.ms=1000"))
                .contains("replay.retention.ms=1000", "destination.kind=queue");
    }

    @Test
    void whatExistsIsNotCreatedAgain() {
        succeeds("topic", "create", "once");

        assertThat(fails("topic", "create", "once")).contains("'once' exists already");
    }

    @Test
    void recordsOfATopicAreSentAndRead() throws IOException {
        succeeds("topic", "create", "greetings", "-p", "2");
        Path lines = Files.writeString(directory.resolve("lines"), "k1:hello\nk2:\u2713\nno key\n");

        CommandRun sent = run("produce", "greetings", "-f", lines.toString(), "-k", ":", "-H", "colour=green");

        assertThat(sent.exitCode()).as(sent.err()).isZero();
        assertThat(sent.err()).contains("3 record(s) acknowledged");
        assertThat(succeeds("consume", "greetings", "--from", "beginning", "-n", "3", "-k", "=")
                        .lines())
                .containsExactlyInAnyOrder("k1=hello", "k2=\u2713", "=no key");
        List<JsonNode> read = json(succeeds("consume", "greetings", "--from", "-1h", "-n", "3", "--json"));
        assertThat(read)
                .extracting(record -> record.get("headers").get("colour").asText())
                .containsExactly("green", "green", "green");
        assertThat(succeeds("consume", "greetings", "--from", "end", "--idle", "1"))
                .isEmpty();
    }

    @Test
    void recordsOfATopicAreDeleted() throws IOException {
        succeeds("topic", "create", "shortened", "-r", "2");
        Path lines = Files.writeString(directory.resolve("shortened"), "one\ntwo\nthree\n");
        succeeds("produce", "shortened", "-f", lines.toString());

        List<JsonNode> deleted =
                json(succeeds("topic", "delete-records", "shortened", "--partition", "0", "--before", "2", "--json"));

        assertThat(deleted.get(0).get("startOffset").asLong()).isEqualTo(2);
        assertThat(succeeds("consume", "shortened", "--from", "beginning", "-n", "1"))
                .isEqualToIgnoringNewLines("three");
        assertThat(fails("topic", "delete-records", "shortened", "--partition", "0", "--before", "9"))
                .contains("OFFSET_OUT_OF_RANGE");
        assertThat(fails("topic", "delete-records", "shortened", "--partition", "7", "--before", "0"))
                .contains("shortened-7");
    }

    @Test
    void messagesOfAQueueAreTakenOnce() throws IOException {
        succeeds("topic", "create", "work", "--kind", "queue");
        Path lines = Files.writeString(directory.resolve("work"), "one\ntwo\nthree\n");
        List<JsonNode> places = json(succeeds("produce", "work", "-f", lines.toString(), "--partition", "0", "--json"));
        assertThat(places).extracting(place -> place.get("offset").asLong()).containsExactlyInAnyOrder(0L, 1L, 2L);

        assertThat(succeeds("consume", "work", "-n", "2").lines()).containsExactly("one", "two");

        assertThat(succeeds("consume", "work", "-n", "1").lines()).containsExactly("three");
        assertThat(succeeds("consume", "work", "--idle", "1")).isEmpty();
    }

    @Test
    void aDestinationThatIsNotThereIsNamedWithWhatToDo() {
        assertThat(fails("consume", "nowhere")).contains("nowhere", "millrace topic list");
        assertThat(fails("produce", "nowhere")).contains("nowhere", "millrace topic create nowhere");
    }

    @Test
    void replicasLeaveABrokerAndComeBack() throws IOException {
        succeeds("topic", "create", "spread", "-p", "4", "-r", "1");
        Path lines = Files.writeString(directory.resolve("spread"), "one\ntwo\nthree\nfour\nfive\n");
        assertThat(run("produce", "spread", "-f", lines.toString()).exitCode()).isZero();

        List<JsonNode> planned =
                json(succeeds("rebalance", "--topics", "spread", "--remove-broker", "1", "--plan", "--json"));
        String drained = succeeds(
                "rebalance", "--topics", "spread", "--remove-broker", "1", "--throttle", "5MB/s", "--at-once", "1");
        var brokersWhenDrained = brokersOf("spread");
        succeeds("rebalance", "--topics", "spread");
        var brokersWhenEven = brokersOf("spread");

        assertThat(planned).hasSize(2).allMatch(move -> move.get("to").get(0).asInt() == 2);
        assertThat(drained)
                .contains("2 partition(s) to change, 2 replica(s) to copy")
                .contains("Done: 2 partition(s)");
        assertThat(brokersWhenDrained).containsExactly(2, 2, 2, 2);
        assertThat(brokersWhenEven).containsExactlyInAnyOrder(1, 1, 2, 2);
        assertThat(succeeds("rebalance", "--topics", "spread")).contains("nothing to move");
        assertThat(succeeds("consume", "spread", "--from", "beginning", "-n", "5")
                        .lines())
                .containsExactlyInAnyOrder("one", "two", "three", "four", "five");
        assertThat(fails("rebalance", "--topics", "nowhere")).contains("no destination named [nowhere]");
    }

    private static List<Integer> brokersOf(String topic) throws JsonProcessingException {
        var brokers = new ArrayList<Integer>();
        JSON.readTree(succeeds("topic", "describe", topic, "--json"))
                .get("partitions")
                .forEach(partition ->
                        brokers.add(partition.get("replicas").get(0).asInt()));
        return brokers;
    }

    private static String succeeds(String... arguments) {
        CommandRun run = run(arguments);
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run.out();
    }

    private static String fails(String... arguments) {
        CommandRun run = run(arguments);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("millrace: ").doesNotContain("Exception");
        return run.err();
    }

    private static CommandRun run(String... arguments) {
        return CommandRun.of(Stream.concat(Stream.of(arguments), Stream.of("-b", cluster.bootstrapServers()))
                .toArray(String[]::new));
    }

    private static List<JsonNode> json(String output) {
        return output.lines().map(ClusterCommandsIT::parse).toList();
    }

    private static JsonNode parse(String line) {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new AssertionError("no JSON: " + line, e);
        }
    }
}
