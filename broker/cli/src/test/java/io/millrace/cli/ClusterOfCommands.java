package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Two brokers in this process, started once for all classes that run commands against them. */
final class ClusterOfCommands implements BeforeAllCallback {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static volatile Running running;

    /** The cluster, stopped when all tests have ended. */
    private record Running(DevCluster cluster) implements AutoCloseable {
        static Running start() {
            var cluster = new DevCluster(new DevCluster.Options(2, null, 0, 0));
            cluster.start();
            return new Running(cluster);
        }

        @Override
        public void close() {
            cluster.close();
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        running = context.getRoot()
                .getStore(ExtensionContext.Namespace.create(ClusterOfCommands.class))
                .getOrComputeIfAbsent("cluster", ignored -> Running.start(), Running.class);
    }

    static String bootstrapServers() {
        return running.cluster().bootstrapServers();
    }

    /** What a command printed that must succeed. */
    static String succeeds(String... arguments) {
        CommandRun run = run(arguments);
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run.out();
    }

    /** Why a command failed that must fail, without having printed anything. */
    static String fails(String... arguments) {
        CommandRun run = run(arguments);
        assertThat(run.exitCode()).as(run.out()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("millrace: ").doesNotContain("Exception");
        return run.err();
    }

    static CommandRun run(String... arguments) {
        return CommandRun.of(Stream.concat(Stream.of(arguments), Stream.of("-b", bootstrapServers()))
                .toArray(String[]::new));
    }

    /** A document a line. */
    static List<JsonNode> json(String output) {
        return output.lines().map(ClusterOfCommands::parse).toList();
    }

    private static JsonNode parse(String line) {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new AssertionError("no JSON: " + line, e);
        }
    }

    /** Sends lines, each a record. */
    static void produce(Path directory, String topic, String lines, String... options) {
        try {
            Path file = write(Files.createTempFile(directory, topic, ".txt"), lines);
            succeeds(Stream.concat(Stream.of("produce", topic, "-f", file.toString()), Stream.of(options))
                    .toArray(String[]::new));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a file for what is to be sent", e);
        }
    }

    static Path write(Path file, String lines) {
        try {
            return Files.writeString(file, lines);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write what is to be sent", e);
        }
    }
}
