package io.millrace.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Does in a moment what a broker and its first clients do, so that the JVM has loaded what they need. For {@link ClassArchiveMaker}. */
@Command(name = "rehearse", hidden = true, description = "Starts a cluster, uses it once and stops it.")
final class RehearseCommand implements ServerCommand {
    private static final String IDLE_SECONDS = "5";

    @Parameters(paramLabel = "FOLDER", description = "Where the data is kept.")
    private Path folder;

    @SuppressWarnings("NullAway.Init") // picocli fills in the folder
    RehearseCommand() {}

    @Override
    public void run() {
        Path records = folder.resolve("records");
        try {
            Files.writeString(records, "rehearsal\n");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + records, e);
        }
        try (var cluster = new DevCluster(new DevCluster.Options(1, folder.resolve("data"), 0, 0))) {
            cluster.start();
            String servers = cluster.bootstrapServers();
            for (String kind : List.of("topic", "queue")) {
                execute(servers, "topic", "create", kind, "--kind", kind);
                execute(servers, "produce", kind, "--file", records.toString());
            }
            execute(servers, "consume", "topic", "--from", "beginning", "--max", "1", "--idle", IDLE_SECONDS);
            execute(servers, "consume", "queue", "--max", "1", "--idle", IDLE_SECONDS);
            execute(servers, "topic", "list");
        }
    }

    private static void execute(String servers, String... words) {
        CommandLine command = MillraceCommand.commandLine().setOut(new PrintWriter(Writer.nullWriter()));
        String[] arguments = Stream.concat(Stream.of(words), Stream.of("--bootstrap-server", servers))
                .toArray(String[]::new);
        int exitCode = command.execute(arguments);
        if (exitCode != 0) {
            throw new CommandFailedException("millrace " + String.join(" ", arguments) + " ended with " + exitCode);
        }
    }
}
