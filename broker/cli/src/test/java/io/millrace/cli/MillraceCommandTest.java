package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MillraceCommandTest {
    private static final int DONE = 0;
    private static final int FAILED = 1;
    private static final int WRONG_COMMAND_LINE = 2;

    @Test
    void helpListsTheCommandsAndTheExitCodes() {
        CommandRun run = CommandRun.of("--help");

        assertThat(run.exitCode()).isEqualTo(DONE);
        assertThat(run.out())
                .contains("dev", "broker", "zookeeper", "topic", "produce", "consume")
                .contains("group", "config", "transaction", "cluster")
                .contains("Exit codes:", "the command line is wrong");
        assertThat(run.err()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dev",
                "broker",
                "zookeeper",
                "topic",
                "topic create",
                "topic list",
                "topic describe",
                "topic delete",
                "produce",
                "consume",
                "group",
                "group list",
                "group describe",
                "group reset",
                "group delete-offsets",
                "group delete",
                "config",
                "config describe",
                "config set",
                "config delete",
                "transaction",
                "transaction list",
                "transaction describe",
                "transaction find-hanging",
                "transaction abort",
                "transaction terminate",
                "cluster",
                "cluster describe",
                "cluster health",
                "cluster disks"
            })
    void everyCommandExplainsItself(String command) {
        CommandRun run = CommandRun.of((command + " --help").split(" "));

        assertThat(run.exitCode()).isEqualTo(DONE);
        assertThat(run.out()).startsWith("Usage: millrace " + command).contains("--help");
    }

    @Test
    void theVersionIsTold() {
        CommandRun run = CommandRun.of("--version");

        assertThat(run.exitCode()).isEqualTo(DONE);
        assertThat(run.out()).startsWith("millrace ");
    }

    @Test
    void theSettingsOfABrokerAreListed() {
        CommandRun run = CommandRun.of("broker", "--settings");

        assertThat(run.exitCode()).isEqualTo(DONE);
        assertThat(run.out()).contains("| `broker.id` |", "| `log.index.interval.bytes` | `4096` |");
    }

    static Stream<List<String>> wrongCommandLines() {
        return Stream.of(
                List.of("A command is missing."),
                List.of("Say what to do: create, list, describe, delete or delete-records.", "topic"),
                List.of("Unknown option: '--nonsense'", "topic", "list", "--nonsense"),
                List.of("Unmatched argument", "12345", "here"),
                List.of("Say what to do: list, describe, create or delete.", "subscription"),
                List.of("belongs to a --client-id", "subscription", "create", "audit", "--topic", "prices"),
                List.of("Missing required parameter: 'NAME'", "topic", "create"),
                List.of("Missing required parameter: 'DESTINATION'", "consume"),
                List.of("QUEUE", "topic", "create", "x", "--kind", "stack"),
                List.of("'yesterday' is no place to start", "consume", "x", "--from", "yesterday"),
                List.of("is no offset; the largest is", "consume", "x", "--from", "99999999999999999999"),
                List.of("ZSTD", "produce", "x", "--compression", "zip"),
                List.of("--timeout 0 is too short", "topic", "list", "--timeout", "0"),
                List.of("write host:port", "topic", "list", "-b", "nowhere"),
                List.of("--brokers takes 1 to 32", "dev", "--brokers", "0"),
                List.of("--port 70000 is no port", "dev", "--port", "70000"));
    }

    @ParameterizedTest
    @MethodSource("wrongCommandLines")
    void aWrongCommandLineIsAnsweredWithWhatIsRight(List<String> reasonAndArguments) {
        List<String> arguments = reasonAndArguments.subList(1, reasonAndArguments.size());

        CommandRun run = CommandRun.of(arguments.toArray(String[]::new));

        assertThat(run.exitCode()).isEqualTo(WRONG_COMMAND_LINE);
        assertThat(run.err()).contains(reasonAndArguments.get(0)).contains("Usage: millrace");
        assertThat(run.out()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"topic list", "topic create x", "topic describe x", "topic delete x", "consume x", "produce x"})
    void aClusterThatIsNotThereIsToldInTime(String command) {
        String line = command + " --timeout 1 -b " + CommandRun.NOBODY;

        CommandRun run =
                Assertions.assertTimeoutPreemptively(Duration.ofSeconds(30), () -> CommandRun.of(line.split(" ")));

        assertThat(run.exitCode()).isEqualTo(FAILED);
        assertThat(run.err())
                .startsWith("millrace: ")
                .contains(CommandRun.NOBODY)
                .doesNotContain("\tat ");
        assertThat(run.out()).isEmpty();
    }

    @Test
    void theStackTraceIsThereForThoseWhoAsk() {
        CommandRun run = CommandRun.of("topic", "list", "--timeout", "1", "-b", CommandRun.NOBODY, "--stack-trace");

        assertThat(run.exitCode()).isEqualTo(FAILED);
        assertThat(run.err()).contains("\tat io.millrace");
    }

    @Test
    void aBrokerWithoutSettingsIsToldWhichAreMissing() {
        CommandRun run = CommandRun.of("broker");

        assertThat(run.exitCode()).isEqualTo(FAILED);
        assertThat(run.err()).startsWith("millrace: ").doesNotContain("Exception");
    }

    @Test
    void aSettingsFileThatIsNotThereIsNamed() {
        CommandRun run = CommandRun.of("broker", "/nowhere/broker.properties");

        assertThat(run.exitCode()).isEqualTo(FAILED);
        assertThat(run.err()).contains("cannot read the settings file /nowhere/broker.properties");
    }
}
