package io.millrace.benchmarks;

import io.millrace.testkit.JavaProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Kafka's own performance tools, each run in a JVM of its own. */
final class KafkaTools {
    private static final Duration RUN_MAX = Duration.ofMinutes(5);
    private static final int FILL_LINGER_MS = 200;
    private static final Pattern PRODUCED = Pattern.compile(
            "(\\d+) records sent, ([\\d.]+) records/sec .*?, ([\\d.]+) ms avg latency, [\\d.]+ ms max latency, \\d+ ms 50th, \\d+ ms 95th, (\\d+) ms 99th");
    private static final Pattern LATENCIES =
            Pattern.compile("Avg latency: ([\\d.]+) ms.*99th = ([\\d.]+), 99.9th", Pattern.DOTALL);

    private final String classPath;
    private final Path directory;
    private int runs;

    KafkaTools(String classPath, Path directory) {
        this.classPath = classPath;
        this.directory = directory;
    }

    /** Records a second, and latencies in milliseconds where the tool tells them, or else NaN. */
    record Result(double recordsPerSecond, double averageMs, double p99Ms) {}

    void createTopic(String bootstrapServers, String topic, int partitions, int replicationFactor) {
        run(
                "org.apache.kafka.tools.TopicCommand",
                List.of(
                        "--bootstrap-server",
                        bootstrapServers,
                        "--create",
                        "--topic",
                        topic,
                        "--partitions",
                        Integer.toString(partitions),
                        "--replication-factor",
                        Integer.toString(replicationFactor)));
    }

    /** Sends as fast as the broker takes it, with the client's own defaults. */
    Result produce(String bootstrapServers, String topic, long records, int recordBytes, String acks) {
        return produce(bootstrapServers, topic, records, recordBytes, acks, 0);
    }

    /** Writes what is to be read: in full batches, whatever the speed of the broker. */
    void fill(String bootstrapServers, String topic, long records, int recordBytes) {
        produce(bootstrapServers, topic, records, recordBytes, "all", FILL_LINGER_MS);
    }

    private Result produce(
            String bootstrapServers, String topic, long records, int recordBytes, String acks, int lingerMs) {
        String output = run(
                "org.apache.kafka.tools.ProducerPerformance",
                List.of(
                        "--topic",
                        topic,
                        "--num-records",
                        Long.toString(records),
                        "--record-size",
                        Integer.toString(recordBytes),
                        "--throughput",
                        "-1",
                        "--producer-props",
                        "bootstrap.servers=" + bootstrapServers,
                        "acks=" + acks,
                        "enable.idempotence=" + "all".equals(acks),
                        "linger.ms=" + lingerMs));
        Matcher last = null;
        Matcher matcher = PRODUCED.matcher(output);
        while (matcher.find()) {
            last = PRODUCED.matcher(matcher.group());
        }
        if (last == null || !last.find()) {
            throw new IllegalStateException("ProducerPerformance told no figures:\n" + output);
        }
        return new Result(
                Double.parseDouble(last.group(2)),
                Double.parseDouble(last.group(3)),
                Double.parseDouble(last.group(4)));
    }

    /** Reads the topic from its beginning in a group of one. */
    Result consume(String bootstrapServers, String topic, long records) {
        String output = run(
                "org.apache.kafka.tools.ConsumerPerformance",
                List.of(
                        "--bootstrap-server",
                        bootstrapServers,
                        "--topic",
                        topic,
                        "--messages",
                        Long.toString(records),
                        "--timeout",
                        "60000",
                        "--hide-header"));
        String[] figures = output.lines()
                .filter(line -> line.split(",", -1).length >= 10)
                .reduce((first, second) -> second)
                .orElseThrow(() -> new IllegalStateException("ConsumerPerformance told no figures:\n" + output))
                .split(",", -1);
        long received = Long.parseLong(figures[4].trim());
        if (received < records) {
            throw new IllegalStateException(
                    "only " + received + " of " + records + " records were consumed:\n" + output);
        }
        // The last column leaves out the time in which the group forms, which is no matter of reading.
        return new Result(Double.parseDouble(figures[9].trim()), Double.NaN, Double.NaN);
    }

    /** Sends a record, reads it, and so on. */
    Result endToEnd(String bootstrapServers, String topic, int records, int recordBytes) {
        String output = run(
                "org.apache.kafka.tools.EndToEndLatency",
                List.of(bootstrapServers, topic, Integer.toString(records), "all", Integer.toString(recordBytes)));
        Matcher latencies = LATENCIES.matcher(output);
        if (!latencies.find()) {
            throw new IllegalStateException("EndToEndLatency told no figures:\n" + output);
        }
        return new Result(Double.NaN, Double.parseDouble(latencies.group(1)), Double.parseDouble(latencies.group(2)));
    }

    private String run(String mainClass, List<String> arguments) {
        runs++;
        Path output = directory.resolve("tool-" + runs + ".out");
        JavaProcess process = JavaProcess.startWith(
                classPath, mainClass, output, List.of("-Xmx512m"), mainClass, new ArrayList<>(arguments));
        int exitCode = process.awaitExit(RUN_MAX);
        try {
            String text = Files.readString(output);
            if (exitCode != 0) {
                throw new IllegalStateException(mainClass + " " + arguments + " ended with " + exitCode + ":\n" + text);
            }
            return text;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + output, e);
        }
    }
}
