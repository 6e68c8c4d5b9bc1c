package io.millrace.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.cli.PartitionHealth.Problem;
import io.millrace.client.ClusterClient;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Shows the partitions that are not well. */
@Command(
        name = "health",
        description = {
            "Shows the partitions that are not well, and why:",
            "offline: without a leader, so that nobody reads or writes; under-min-isr: fewer replicas in sync than"
                    + " min.insync.replicas, so that acks=all is refused; under-replicated: a replica is behind or away;"
                    + " not-preferred-leader: led by another replica than the first.",
            "Prints nothing where all is well."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  millrace cluster health --only offline,under-min-isr --json"})
final class ClusterHealthCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions cluster;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "PROBLEM",
            converter = ProblemConverter.class,
            description = "Only partitions with one of these problems.")
    private List<Problem> only = List.of();

    @Option(names = "--json", description = "Print JSON, a partition a line.")
    private boolean json;

    @SuppressWarnings("NullAway.Init") // picocli fills in the options
    ClusterHealthCommand() {}

    /** Reads a problem as it is printed. */
    static final class ProblemConverter implements ITypeConverter<Problem> {
        @Override
        public Problem convert(String value) {
            return Arrays.stream(Problem.values())
                    .filter(problem -> problem.text().equals(value))
                    .findAny()
                    .orElseThrow(() -> new TypeConversionException(
                            "'" + value + "' is no problem; there are " + texts(Set.of(Problem.values()))));
        }
    }

    private static String texts(Set<Problem> problems) {
        return problems.stream().sorted().map(Problem::text).collect(Collectors.joining(", "));
    }

    /** A partition in JSON. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record HealthView(
            String topic,
            int partition,
            @Nullable Integer leader,
            List<Integer> replicas,
            List<Integer> inSyncReplicas,
            int minInSyncReplicas,
            List<String> problems) {

        static HealthView of(PartitionHealth health) {
            return new HealthView(
                    health.partition().topic(),
                    health.partition().partition(),
                    health.leaderId() < 0 ? null : (Integer) health.leaderId(),
                    health.replicas(),
                    health.inSyncReplicas(),
                    health.inSyncMin(),
                    health.problems().stream().sorted().map(Problem::text).toList());
        }
    }

    @Override
    public void run() {
        try (ClusterClient client = cluster.open()) {
            print(PartitionHealth.in(cluster, client).stream()
                    .filter(health -> !health.problems().isEmpty())
                    .filter(health -> only.isEmpty() || only.stream().anyMatch(health.problems()::contains))
                    .toList());
        } catch (InterruptedException | TimeoutException e) {
            throw new CommandFailedException("looking at partitions: " + e.getMessage(), e);
        }
    }

    private void print(List<PartitionHealth> unwell) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            unwell.forEach(health -> JsonOutput.print(out, HealthView.of(health)));
            return;
        }
        var table = new TextTable("TOPIC", "PARTITION", "LEADER", "REPLICAS", "IN SYNC", "MIN IN SYNC", "PROBLEMS");
        unwell.forEach(health -> table.row(
                health.partition().topic(),
                health.partition().partition(),
                health.leaderId() < 0 ? null : (Integer) health.leaderId(),
                health.replicas(),
                health.inSyncReplicas(),
                health.inSyncMin(),
                texts(health.problems())));
        if (!table.isEmpty()) {
            table.print(out);
        }
    }
}
