package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogLevelTest {

    @ParameterizedTest
    @CsvSource({
        "dev, INFO",
        "broker, INFO",
        "zookeeper, INFO",
        "topic list, WARN",
        "topic delete x, WARN",
        "produce x, WARN",
        "consume x, WARN"
    })
    void serversTellTheirLifeAndClientCommandsOnlyTrouble(String command, String level) {
        var parsed = MillraceCommand.commandLine().parseArgs(command.split(" "));

        assertThat(LogLevel.of(parsed)).isEqualTo(level);
    }
}
