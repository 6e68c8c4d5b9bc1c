package io.millrace.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.client.ClusterClient;
import io.millrace.client.DestinationDescription;
import io.millrace.client.Producer;
import io.millrace.client.ProducerConfiguration;
import io.millrace.client.ProducerRecord;
import io.millrace.client.RecordMetadata;
import io.millrace.record.Compression;
import io.millrace.record.RecordHeader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Sends the lines of standard input or of a file, a record a line. */
@Command(
        name = "produce",
        description = "Sends the lines of standard input, or of a file, to a topic or queue.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  echo 'k1:hello' | millrace produce greetings --key-separator : --header colour=green",
            "  millrace consume greetings --from beginning --until-end --json | millrace produce copy --format json"
        })
final class ProduceCommand implements Runnable {
    private static final long PROGRESS_EVERY_NANOS = Duration.ofSeconds(1).toNanos();

    /** What a line is. */
    enum Format {
        LINES,
        JSON
    }

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
            names = "--format",
            defaultValue = "LINES",
            description =
                    "lines: each is a value, or a key and a value. json: each is a document as consume --json prints"
                            + " it, with key, value, headers, time; Base64 in keyBase64, valueBase64. Default: lines.")
    private Format format;

    @Option(
            names = {"-k", "--key-separator"},
            description = "What stands before the first of these is the key.")
    private @Nullable String keySeparator;

    @Option(
            names = "--null-as",
            paramLabel = "TEXT",
            description = "A value, or key, that is exactly this is sent as null: a tombstone in a compacted topic.")
    private @Nullable String nullAs;

    @Option(
            names = {"-H", "--header"},
            paramLabel = "KEY=VALUE",
            description = "A header of every record; may be given several times.")
    private List<String> headers = List.of();

    @Option(names = "--partition", paramLabel = "P", description = "Default: by the key's hash, or all in turn.")
    private @Nullable Integer partition;

    @Option(names = "--keep-partitions", description = "Send each document to the partition that it names.")
    private boolean keepsPartitions;

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
    private final long startNanos = System.nanoTime();
    private long sent;
    private long nextProgressNanos = startNanos + PROGRESS_EVERY_NANOS;

    @SuppressWarnings("NullAway.Init") // picocli fills in the options
    ProduceCommand() {}

    @Override
    public void run() {
        RecordReader reader = reader();
        var configuration = ProducerConfiguration.defaults().withAcks(acks).withCompression(compression);
        try (ClusterClient client = cluster.open();
                Producer producer = client.newProducer(configuration)) {
            check(cluster.find(client, destination));
            sendLines(producer, reader);
            cluster.await(producer.flush().exceptionally(ignored -> null)); // each record tells its own failure
        } catch (IOException e) {
            throw new CommandFailedException("cannot read " + (file == null ? "standard input" : file) + ": " + e, e);
        } catch (InterruptedException | TimeoutException e) {
            throw new CommandFailedException("sending to " + destination + ": " + e.getMessage(), e);
        }
        report();
    }

    private RecordReader reader() {
        if (format == Format.JSON) {
            if (keySeparator != null || nullAs != null) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--format json says itself what is key and what is null; leave out --key-separator and --null-as");
            }
            return new RecordDocuments(destination, partition, keepsPartitions, recordHeaders());
        }
        if (keepsPartitions) {
            throw new ParameterException(
                    spec.commandLine(), "--keep-partitions is for --format json; lines name no partition");
        }
        return new RecordLines(destination, partition, keySeparator, nullAs, recordHeaders());
    }

    private List<RecordHeader> recordHeaders() {
        var all = new ArrayList<RecordHeader>();
        for (String header : headers) {
            int equals = header.indexOf('=');
            if (equals < 1) {
                throw new ParameterException(
                        spec.commandLine(), "--header '" + header + "' is no header; write KEY=VALUE");
            }
            all.add(new RecordHeader(
                    header.substring(0, equals), header.substring(equals + 1).getBytes(UTF_8)));
        }
        return all;
    }

    private void check(@Nullable DestinationDescription found) {
        if (found == null) {
            throw new CommandFailedException("there is no destination named " + destination + "; millrace topic create "
                    + destination + " makes one");
        }
        int count = found.partitions().size();
        if (partition != null && (partition < 0 || partition >= count)) {
            throw new CommandFailedException(
                    destination + " has no partition " + partition + "; it has 0 to " + (count - 1));
        }
    }

    private void sendLines(Producer producer, RecordReader reader) throws IOException {
        if (file == null) {
            sendLines(producer, reader, new BufferedReader(new InputStreamReader(System.in, UTF_8)));
            return;
        }
        try (BufferedReader lines = Files.newBufferedReader(file, UTF_8)) {
            sendLines(producer, reader, lines);
        }
    }

    private void sendLines(Producer producer, RecordReader reader, BufferedReader lines) throws IOException {
        String line = lines.readLine();
        while (line != null && failure.get() == null) {
            ProducerRecord record = read(reader, line);
            if (record == null) {
                return;
            }
            producer.send(record).whenComplete(this::onAnswer);
            sent++;
            showProgress();
            line = lines.readLine();
        }
    }

    /** Null where the line is no record, which ends the sending. */
    private @Nullable ProducerRecord read(RecordReader reader, String line) {
        try {
            return reader.read(line);
        } catch (CommandFailedException e) {
            failure.compareAndSet(
                    null, new CommandFailedException("line " + (sent + 1) + " is no record: " + e.getMessage(), e));
            return null;
        }
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

    /** For who watches a file being sent. */
    private void showProgress() {
        long nowNanos = System.nanoTime();
        if (file == null || json || nowNanos - nextProgressNanos < 0) {
            return;
        }
        nextProgressNanos = nowNanos + PROGRESS_EVERY_NANOS;
        if (Terminal.isThere()) {
            PrintWriter err = spec.commandLine().getErr();
            err.print("\r" + sent + " record(s) sent, " + acknowledged.get() + " acknowledged ");
            err.flush();
        }
    }

    private void report() {
        Throwable cause = failure.get();
        if (cause != null) {
            throw new CommandFailedException(
                    acknowledged.get() + " record(s) acknowledged, then: " + cause.getMessage(), cause);
        }
        if (!json) {
            PrintWriter err = spec.commandLine().getErr();
            double seconds = (System.nanoTime() - startNanos) / 1e9;
            err.printf(Locale.ROOT, "%d record(s) acknowledged in %.1f s%n", acknowledged.get(), seconds);
            err.flush();
        }
    }
}
