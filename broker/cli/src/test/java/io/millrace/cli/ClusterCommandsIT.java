package io.millrace.cli;

import static io.millrace.cli.ClusterOfCommands.fails;
import static io.millrace.cli.ClusterOfCommands.json;
import static io.millrace.cli.ClusterOfCommands.run;
import static io.millrace.cli.ClusterOfCommands.succeeds;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The commands of a client, against a cluster in this process. */
@Timeout(120)
@ExtendWith(ClusterOfCommands.class)
class ClusterCommandsIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path directory;

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
        succeeds("topic", "create", "narrow-one");
        assertThat(fails("produce", "narrow-one", "--partition", "1")).contains("narrow-one has no partition 1");
        assertThat(fails("consume", "narrow-one", "--partition", "1")).contains("narrow-one has no partition 1");
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

    @Test
    void theBrokersOfTheClusterAreDescribed() {
        succeeds("topic", "create", "counted", "-p", "2", "-r", "2");

        JsonNode described = json(succeeds("cluster", "describe", "--json")).get(0);

        assertThat(described.get("clusterId").asText()).isNotEmpty();
        assertThat(described.get("brokers"))
                .extracting(broker ->
                        broker.get("id").asInt() + " " + broker.get("fenced").asBoolean())
                .containsExactly("1 false", "2 false");
        assertThat(described.get("brokers"))
                .filteredOn(broker -> broker.get("controller").asBoolean())
                .extracting(broker -> broker.get("id").asInt())
                .containsExactly(described.get("controllerId").asInt());
        assertThat(described.get("problems").get("offline").asLong()).isZero();
        assertThat(succeeds("cluster", "describe").lines())
                .anySatisfy(line -> assertThat(line).matches("cluster .* controller [12]  brokers 2 .*"))
                .anySatisfy(line -> assertThat(line).matches(" *1  127.0.0.1:[0-9]+ .* alive.*"));
    }

    @Test
    void partitionsThatAreNotWellAreShown() {
        succeeds("topic", "create", "strained", "-r", "2", "-c", "min.insync.replicas=2");
        assertThat(succeeds("cluster", "health", "--only", "offline,under-min-isr,under-replicated"))
                .isEmpty();

        succeeds("config", "set", "--topic", "strained", "min.insync.replicas=3");

        List<JsonNode> unwell = json(succeeds("cluster", "health", "--only", "under-min-isr", "--json"));
        assertThat(unwell).hasSize(1);
        assertThat(unwell.get(0).get("topic").asText()).isEqualTo("strained");
        assertThat(unwell.get(0).get("minInSyncReplicas").asInt()).isEqualTo(3);
        assertThat(unwell.get(0).get("problems").get(0).asText()).isEqualTo("under-min-isr");
        succeeds("topic", "delete", "strained");
    }

    @Test
    void logDirectoriesAreShownWithTheirSizes() throws IOException {
        succeeds("topic", "create", "sized", "-r", "2");
        Path lines = Files.writeString(directory.resolve("sized"), "one\ntwo\n");
        succeeds("produce", "sized", "-f", lines.toString());

        List<JsonNode> directories = json(succeeds("cluster", "disks", "--logs", "--json"));

        assertThat(directories).extracting(each -> each.get("broker").asInt()).containsExactly(1, 2);
        assertThat(directories).allSatisfy(each -> {
            assertThat(each.get("totalBytes").asLong()).isPositive();
            assertThat(each.get("logs"))
                    .filteredOn(log -> log.get("topic").asText().equals("sized"))
                    .singleElement()
                    .satisfies(log -> assertThat(log.get("bytes").asLong()).isPositive());
        });
        assertThat(succeeds("cluster", "disks", "--broker", "2").lines())
                .hasSize(2)
                .anySatisfy(line -> assertThat(line).contains(" good "));
        assertThat(fails("cluster", "disks", "--broker", "9")).contains("no broker 9 alive");
        CommandRun oneOfTwo = run("cluster", "disks", "--broker", "9,2");
        assertThat(oneOfTwo.exitCode()).isEqualTo(1);
        assertThat(oneOfTwo.out().lines()).hasSize(2).anySatisfy(line -> assertThat(line)
                .contains(" good "));
        assertThat(oneOfTwo.err()).contains("no broker 9 alive");
    }

    private static List<Integer> brokersOf(String topic) throws JsonProcessingException {
        var brokers = new ArrayList<Integer>();
        JSON.readTree(succeeds("topic", "describe", topic, "--json"))
                .get("partitions")
                .forEach(partition ->
                        brokers.add(partition.get("replicas").get(0).asInt()));
        return brokers;
    }
}
