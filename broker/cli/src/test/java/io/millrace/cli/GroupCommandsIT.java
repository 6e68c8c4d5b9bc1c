package io.millrace.cli;

import static io.millrace.cli.ClusterOfCommands.fails;
import static io.millrace.cli.ClusterOfCommands.json;
import static io.millrace.cli.ClusterOfCommands.produce;
import static io.millrace.cli.ClusterOfCommands.run;
import static io.millrace.cli.ClusterOfCommands.succeeds;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What operators do with groups, against a cluster in this process. */
@Timeout(120)
@ExtendWith(ClusterOfCommands.class)
class GroupCommandsIT {
    @TempDir
    static Path directory;

    private static JsonNode describe(String groupId) {
        return json(succeeds("group", "describe", groupId, "--json")).get(0);
    }

    @Test
    void aGroupIsSetListedDescribedAndDeleted() {
        succeeds("topic", "create", "bills", "-p", "2");
        produce(directory, "bills", "1\n2\n3\n4\n", "--partition", "1");

        succeeds("group", "reset", "billing", "--topic", "bills", "--to", "1", "--execute");

        assertThat(json(succeeds("group", "list", "--state", "empty", "--json")))
                .extracting(group -> group.get("groupId").asText())
                .contains("billing");
        assertThat(succeeds("group", "list").lines())
                .anySatisfy(line -> assertThat(line).matches("billing +classic +Empty +.*"));
        assertThat(succeeds("group", "list", "--type", "consumer")).doesNotContain("billing");
        JsonNode described = describe("billing");
        assertThat(described.get("totalLag").asLong()).isEqualTo(3);
        assertThat(described.get("partitions").get(0).get("committedOffset").asLong())
                .as("limited by the end of the log")
                .isZero();
        assertThat(described.get("partitions").get(1).get("lag").asLong()).isEqualTo(3);
        assertThat(succeeds("group", "describe", "billing").lines())
                .anySatisfy(line -> assertThat(line).matches("bills +1 +1 +4 +3 +- +- +-"));
        assertThat(succeeds("group", "delete", "billing")).isEqualToIgnoringNewLines("Deleted billing");
        assertThat(fails("group", "describe", "billing")).contains("there is no group named billing");
        assertThat(fails("group", "delete", "billing")).contains("there is no group named billing");
    }

    @Test
    void withoutExecuteNothingIsSet() {
        succeeds("topic", "create", "dry");
        produce(directory, "dry", "1\n2\n3\n");

        CommandRun tried = run("group", "reset", "drying", "--topic", "dry", "--to", "end");

        assertThat(tried.exitCode()).as(tried.err()).isZero();
        assertThat(tried.out().lines()).anySatisfy(line -> assertThat(line).matches("dry +0 +- +3 +-"));
        assertThat(tried.err()).contains("--execute");
        assertThat(fails("group", "describe", "drying")).contains("there is no group named drying");
    }

    @Test
    void aGroupIsMovedByTimeAndByRecords() {
        succeeds("topic", "create", "moved");
        produce(directory, "moved", "1\n2\n3\n");

        succeeds("group", "reset", "moving", "--topic", "moved:0", "--to", "-1h", "--execute");
        long anHourAgo = describe("moving").get("totalLag").asLong();
        succeeds("group", "reset", "moving", "--all-topics", "--shift-by", "2", "--execute");
        long twoOn = describe("moving").get("totalLag").asLong();
        succeeds("group", "reset", "moving", "--all-topics", "--shift-by", "-9", "--execute");
        long farBack = describe("moving").get("totalLag").asLong();
        succeeds("group", "reset", "moving", "--all-topics", "--to", "end", "--execute");
        long atTheEnd = describe("moving").get("totalLag").asLong();

        assertThat(anHourAgo).isEqualTo(3);
        assertThat(twoOn).isEqualTo(1);
        assertThat(farBack).isEqualTo(3);
        assertThat(atTheEnd).isZero();
    }

    @Test
    void offsetsAreForgotten() {
        succeeds("topic", "create", "forgotten", "-p", "2");
        succeeds("group", "reset", "forgetful", "--topic", "forgotten", "--to", "beginning", "--execute");

        succeeds("group", "delete-offsets", "forgetful", "--topic", "forgotten:1");

        assertThat(describe("forgetful").get("partitions")).hasSize(1);
        assertThat(fails("group", "delete-offsets", "forgetful", "--topic", "forgotten:1"))
                .contains("has committed no offset there");
        assertThat(fails("group", "delete-offsets", "nobody", "--topic", "forgotten"))
                .contains("there is no group named nobody");
    }

    @Test
    void whatCannotBeResetIsNamed() {
        succeeds("topic", "create", "narrow");

        assertThat(fails("group", "reset", "g", "--topic", "nowhere", "--to", "end"))
                .contains("no destination named nowhere");
        assertThat(fails("group", "reset", "g", "--topic", "narrow:4", "--to", "end"))
                .contains("narrow has no partition 4");
        assertThat(fails("group", "reset", "g", "--topic", "narrow", "--shift-by", "1"))
                .contains("nothing that --shift-by could start from");
        assertThat(fails("group", "reset", "g", "--all-topics", "--to", "end")).contains("use --topic");
    }
}
