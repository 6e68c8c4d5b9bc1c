package io.millrace.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.client.BrokerAdmin;
import io.millrace.client.BrokerAdmin.BrokerState;
import io.millrace.client.BrokerAdmin.LogDirectory;
import io.millrace.client.BrokerAdmin.LogSize;
import io.millrace.client.ClientException;
import io.millrace.client.ClusterClient;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows the log directories of brokers and what they hold. */
@Command(
        name = "disks",
        description = "Shows the log directories of the brokers that are alive, how large their logs are, and what is"
                + " left on their file systems. A broker that does not answer is told at the end.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  millrace cluster disks --broker 2 --logs"})
final class ClusterDisksCommand implements Runnable {
    private static final Comparator<LogSize> LARGEST_FIRST = Comparator.comparingLong(LogSize::sizeInBytes)
            .reversed()
            .thenComparing(LogSize::partition, GroupLag.BY_NAME);

    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions cluster;

    @Option(names = "--broker", paramLabel = "ID", split = ",", description = "Only these brokers. Default: all.")
    private List<Integer> brokerIds = List.of();

    @Option(names = "--logs", description = "Show each log, the largest first.")
    private boolean logs;

    @Option(names = "--json", description = "Print JSON, a directory a line; with --logs, each with its logs.")
    private boolean json;

    @SuppressWarnings("NullAway.Init") // picocli fills in the options
    ClusterDisksCommand() {}

    /** A log in JSON. */
    record LogView(String topic, int partition, long bytes, long lag) {
        static LogView of(LogSize log) {
            return new LogView(log.partition().topic(), log.partition().partition(), log.sizeInBytes(), log.lag());
        }
    }

    /** A directory in JSON. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record DirectoryView(
            int broker,
            String directory,
            @Nullable String failure,
            int logCount,
            long logBytes,
            @Nullable Long usableBytes,
            @Nullable Long totalBytes,
            @Nullable List<LogView> logs) {

        static DirectoryView of(LogDirectory directory, boolean withLogs) {
            return new DirectoryView(
                    directory.brokerId(),
                    directory.path(),
                    directory.failure(),
                    directory.logs().size(),
                    bytes(directory),
                    known(directory.usableBytes()),
                    known(directory.totalBytes()),
                    withLogs
                            ? directory.logs().stream()
                                    .sorted(LARGEST_FIRST)
                                    .map(LogView::of)
                                    .toList()
                            : null);
        }
    }

    private static long bytes(LogDirectory directory) {
        return directory.logs().stream().mapToLong(LogSize::sizeInBytes).sum();
    }

    private static @Nullable Long known(long bytes) {
        return bytes < 0 ? null : (Long) bytes;
    }

    @Override
    public void run() {
        try (ClusterClient client = cluster.open()) {
            BrokerAdmin admin = client.admin().brokers();
            List<Integer> asked = brokerIds.isEmpty() ? alive(admin) : brokerIds;
            var answers = asked.stream().distinct().map(admin::logDirectories).toList();
            var directories = new ArrayList<LogDirectory>();
            var failures = new ArrayList<String>();
            for (var answer : answers) {
                try {
                    directories.addAll(cluster.await(answer));
                } catch (ClientException e) {
                    failures.add(String.valueOf(e.getMessage()));
                }
            }
            print(directories);
            if (!failures.isEmpty()) {
                throw new CommandFailedException(String.join("; ", failures));
            }
        } catch (InterruptedException | TimeoutException e) {
            throw new CommandFailedException("looking at disks: " + e.getMessage(), e);
        }
    }

    private List<Integer> alive(BrokerAdmin admin) throws InterruptedException, TimeoutException {
        return cluster.await(admin.cluster()).brokers().stream()
                .filter(broker -> !broker.isFenced())
                .map(BrokerState::id)
                .sorted()
                .toList();
    }

    private void print(List<LogDirectory> directories) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            directories.forEach(directory -> JsonOutput.print(out, DirectoryView.of(directory, logs)));
            return;
        }
        TextTable table = logs ? logs(directories) : directories(directories);
        if (!table.isEmpty()) {
            table.print(out);
        }
    }

    private static TextTable directories(List<LogDirectory> directories) {
        var table = new TextTable("BROKER", "DIRECTORY", "STATE", "LOGS", "SIZE", "USABLE", "TOTAL");
        directories.forEach(directory -> table.row(
                directory.brokerId(),
                directory.path(),
                directory.failure() == null ? "good" : directory.failure(),
                directory.logs().size(),
                ByteRate.text(bytes(directory)),
                directory.usableBytes() < 0 ? null : ByteRate.text(directory.usableBytes()),
                directory.totalBytes() < 0 ? null : ByteRate.text(directory.totalBytes())));
        return table;
    }

    private static TextTable logs(List<LogDirectory> directories) {
        var table = new TextTable("BROKER", "DIRECTORY", "TOPIC", "PARTITION", "SIZE", "LAG");
        directories.forEach(directory -> directory.logs().stream()
                .sorted(LARGEST_FIRST)
                .forEach(log -> table.row(
                        directory.brokerId(),
                        directory.path(),
                        log.partition().topic(),
                        log.partition().partition(),
                        ByteRate.text(log.sizeInBytes()),
                        log.lag())));
        return table;
    }
}
