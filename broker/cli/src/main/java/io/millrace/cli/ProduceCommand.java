package io.millrace.cli;

import io.millrace.client.ClusterClient;
import io.millrace.client.Producer;
import io.millrace.client.ProducerConfiguration;
import io.millrace.client.ProducerRecord;
import io.millrace.client.RecordMetadata;
import io.millrace.record.Compression;
import io.millrace.record.RecordHeader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Sends the lines of standard input or of a file, a record a line. */
@Command(
        name = "produce",
        description = "Sends the lines of standard input, or of a file, to a topic or queue.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  echo 'k1:hello' | millrace produce greetings --key-separator :"})
final class ProduceCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions cluster;

    @Parameters(paramLabel = "DESTINATION", description = "The topic or queue.")
    private String destination;

    @Option(
            names = {"-f", "--file"},
            description = "Read this file instead of standard input.")
    private @Nullable Path file;

    @Option(
            names = {"-k", "--key-separator"},
            description = "What stands before the first of these is the key.")
    private @Nullable String keySeparator;

    @Option(
            names = {"-H", "--header"},
            paramLabel = "KEY=VALUE",
            description = "A header of every record; may be given several times.")
    private Map<String, String> headers = new LinkedHashMap<>();

    @Option(names = "--partition", description = "Default: by the key's hash, or all in turn.")
    private @Nullable Integer partition;

    @Option(names = "--acks", defaultValue = "ALL", description = "none, leader or all. Default: all.")
    private ProducerConfiguration.Acks acks;

    @Option(
            names = "--compression",
            defaultValue = "NONE",
            description = "none, gzip, snappy, lz4 or zstd. Default: none.")
    private Compression compression;

    @Option(names = "--json", description = "Print where each record went, as JSON.")
    private boolean json;

    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final AtomicLong acknowledged = new AtomicLong();

    @SuppressWarnings("NullAway.Init") // picocli fills in the options
    ProduceCommand() {}

    @Override
    public void run() {
        var configuration = ProducerConfiguration.defaults().withAcks(acks).withCompression(compression);
        try (ClusterClient client = cluster.open();
                Producer producer = client.newProducer(configuration)) {
            cluster.await(client.admin().describe(List.of(destination)).thenApply(this::checkExists));
            sendLines(producer);
            cluster.await(producer.flush().exceptionally(ignored -> null)); // each record tells its own failure
        } catch (IOException e) {
            throw new CommandFailedException("cannot read " + (file == null ? "standard input" : file) + ": " + e, e);
        } catch (InterruptedException | TimeoutException e) {
            throw new CommandFailedException("sending to " + destination + ": " + e.getMessage(), e);
        }
        report();
    }

    private <T> Map<String, T> checkExists(Map<String, T> found) {
        if (!found.containsKey(destination)) {
            throw new CommandFailedException("there is no destination named " + destination + "; millrace topic create "
                    + destination + " makes one");
        }
        return found;
    }

    private void sendLines(Producer producer) throws IOException {
        if (file == null) {
            sendLines(producer, new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)));
            return;
        }
        try (BufferedReader lines = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            sendLines(producer, lines);
        }
    }

    private void sendLines(Producer producer, BufferedReader lines) throws IOException {
        String line = lines.readLine();
        while (line != null && failure.get() == null) {
            producer.send(record(line)).whenComplete(this::onAnswer);
            line = lines.readLine();
        }
    }

    private ProducerRecord record(String line) {
        int separator = keySeparator == null ? -1 : line.indexOf(keySeparator);
        byte[] key = separator < 0 ? null : line.substring(0, separator).getBytes(StandardCharsets.UTF_8);
        String value = separator < 0
                ? line
                : line.substring(
                        separator + Objects.requireNonNull(keySeparator).length());
        List<RecordHeader> recordHeaders = headers.entrySet().stream()
                .map(header ->
                        new RecordHeader(header.getKey(), header.getValue().getBytes(StandardCharsets.UTF_8)))
                .toList();
        return new ProducerRecord(
                destination, partition, null, key, value.getBytes(StandardCharsets.UTF_8), recordHeaders);
    }

    private void onAnswer(RecordMetadata metadata, @Nullable Throwable thrown) {
        if (thrown != null) {
            failure.compareAndSet(null, thrown);
            return;
        }
        acknowledged.incrementAndGet();
        if (json) {
            synchronized (this) {
                JsonOutput.print(
                        spec.commandLine().getOut(),
                        Map.of("partition", metadata.partition().partition(), "offset", metadata.offset()));
            }
        }
    }

    private void report() {
        Throwable cause = failure.get();
        if (cause != null) {
            throw new CommandFailedException(
                    acknowledged.get() + " record(s) acknowledged, then: " + cause.getMessage(), cause);
        }
        if (!json) {
            spec.commandLine().getErr().println(acknowledged.get() + " record(s) acknowledged");
            spec.commandLine().getErr().flush();
        }
    }
}
