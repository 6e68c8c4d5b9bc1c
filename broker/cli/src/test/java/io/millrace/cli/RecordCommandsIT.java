package io.millrace.cli;

import static io.millrace.cli.ClusterOfCommands.fails;
import static io.millrace.cli.ClusterOfCommands.json;
import static io.millrace.cli.ClusterOfCommands.produce;
import static io.millrace.cli.ClusterOfCommands.succeeds;
import static io.millrace.cli.ClusterOfCommands.write;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Sending and reading records, alone and in groups, against a cluster in this process. */
@Timeout(120)
@ExtendWith(ClusterOfCommands.class)
class RecordCommandsIT {
    @TempDir
    static Path directory;

    @Test
    void recordsArePrintedAsTheUserWants() {
        succeeds("topic", "create", "shown");
        produce(directory, "shown", "k:v\n:NULL\n", "-k", ":", "--null-as", "NULL", "-H", "colour=green");

        assertThat(succeeds("consume", "shown", "--from", "beginning", "-e", "--format", "%t %p %o %k=%s %S %h\\n"))
                .isEqualTo("shown 0 0 k=v 1 colour=green\nshown 0 1 = -1 colour=green\n");
        assertThat(succeeds("consume", "shown", "--from", "1", "-e", "--null-as", "nothing", "-k", "/"))
                .isEqualToIgnoringNewLines("/nothing");
    }

    @Test
    void whatIsReadAsJsonCanBeSentAsJson() {
        succeeds("topic", "create", "original", "-p", "2");
        succeeds("topic", "create", "copy", "-p", "2");
        produce(directory, "original", "a:1\nb:2\nc:3\n", "-k", ":", "--compression", "gzip");

        String read = succeeds("consume", "original", "--from", "beginning", "-e", "--json");
        produce(directory, "copy", read, "--format", "json", "--keep-partitions");

        assertThat(succeeds("consume", "copy", "--from", "beginning", "-e", "--format", "%p %k %s %T\\n")
                        .lines())
                .containsExactlyInAnyOrderElementsOf(
                        succeeds("consume", "original", "--from", "beginning", "-e", "--format", "%p %k %s %T\\n")
                                .lines()
                                .toList());
    }

    @Test
    void aLineThatIsNoRecordIsNamed() {
        succeeds("topic", "create", "strict");
        Path file = write(directory.resolve("strict"), "{\"value\":\"v\"}\noops\n");

        assertThat(fails("produce", "strict", "-f", file.toString(), "--format", "json"))
                .contains("line 2 is no record");
    }

    @Test
    void aMemberGoesOnWhereItsGroupHasCommitted() {
        succeeds("topic", "create", "shared", "-p", "2");
        produce(directory, "shared", numbers(0, 10));

        List<String> first = lines("consume", "shared", "-g", "sharers", "--from", "beginning", "-n", "4");
        List<String> second = lines("consume", "shared", "-g", "sharers", "-n", "6");
        List<String> third = lines("consume", "shared", "-g", "sharers", "--idle", "2");

        assertThat(first).hasSize(4);
        assertThat(Stream.of(first, second).flatMap(List::stream))
                .containsExactlyInAnyOrderElementsOf(numbers(0, 10).lines().toList());
        assertThat(third).isEmpty();
        JsonNode group =
                json(succeeds("group", "describe", "sharers", "--json")).get(0);
        assertThat(group.get("state").asText()).as("left in order").isEqualTo("Empty");
        assertThat(group.get("type").asText()).isEqualTo("consumer");
        assertThat(group.get("totalLag").asLong()).isZero();
    }

    @Test
    void membersShareThePartitionsOut() throws Exception {
        int each = 100;
        String half = Integer.toString(2 * each);
        succeeds("topic", "create", "spread-out", "-p", "4");
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            var members = new ArrayList<CompletableFuture<List<String>>>();
            for (int member = 0; member < 2; member++) {
                members.add(CompletableFuture.supplyAsync(
                        () -> lines("consume", "spread-out", "-g", "spreaders", "--from", "beginning", "-n", half),
                        threads));
            }
            awaitMembers("spreaders", 2);
            assertThat(fails("group", "reset", "spreaders", "--topic", "spread-out", "--to", "end"))
                    .contains("2 member(s)");
            assertThat(fails("group", "delete", "spreaders")).contains("has members");
            produceToAll("spread-out", 4, each);

            List<String> one = members.get(0).get(60, SECONDS);
            List<String> other = members.get(1).get(60, SECONDS);

            assertThat(one).hasSize(2 * each);
            assertThat(other).hasSize(2 * each);
            assertThat(Stream.of(one, other).flatMap(List::stream))
                    .containsExactlyInAnyOrderElementsOf(
                            numbers(0, 4 * each).lines().toList());
        } finally {
            threads.shutdownNow();
        }
    }

    private static void produceToAll(String topic, int partitions, int each) {
        for (int partition = 0; partition < partitions; partition++) {
            produce(directory, topic, numbers(partition * each, each), "--partition", Integer.toString(partition));
        }
    }

    /** Until all members have partitions, and no others are to come. */
    private static void awaitMembers(String groupId, int count) {
        long deadlineNanos = System.nanoTime() + SECONDS.toNanos(30);
        while (System.nanoTime() - deadlineNanos < 0) {
            CommandRun run = ClusterOfCommands.run("group", "describe", groupId, "--json");
            if (run.exitCode() == 0) {
                JsonNode members = json(run.out()).get(0).get("members");
                long settled = IntStream.range(0, members.size())
                        .mapToObj(members::get)
                        .filter(member -> !member.get("assignment").isEmpty()
                                && member.get("assignment").size()
                                        == member.get("target").size())
                        .count();
                if (settled == count) {
                    return;
                }
            }
        }
        throw new AssertionError(groupId + " has not " + count + " members in 30 s");
    }

    private static List<String> lines(String... arguments) {
        return succeeds(arguments).lines().toList();
    }

    private static String numbers(int from, int count) {
        return IntStream.range(from, from + count).mapToObj(i -> i + "\n").collect(Collectors.joining());
    }
}
