package io.millrace.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.cli.PartitionHealth.Problem;
import io.millrace.client.BrokerAdmin.BrokerState;
import io.millrace.client.BrokerAdmin.ClusterState;
import io.millrace.client.ClusterClient;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows the brokers of a cluster, and how many partitions are not well. */
@Command(
        name = "describe",
        description = "Shows a cluster's id, its controller, its brokers with racks, endpoints and states, and how many"
                + " partitions are not well.",
        mixinStandardHelpOptions = true)
final class ClusterDescribeCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions cluster;

    @Option(names = "--json", description = "Print JSON: one document.")
    private boolean json;

    @SuppressWarnings("NullAway.Init") // picocli fills in the options
    ClusterDescribeCommand() {}

    /**
     * A broker in JSON.
     *
     * @param fenced whether it is registered and not alive
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record BrokerView(
            int id,
            String host,
            int port,
            @Nullable String rack,
            boolean fenced,
            boolean controller,
            long leaders,
            long replicas) {

        static BrokerView of(BrokerState broker, int controllerId, List<PartitionHealth> partitions) {
            return new BrokerView(
                    broker.id(),
                    broker.host(),
                    broker.port(),
                    broker.rack(),
                    broker.isFenced(),
                    broker.id() == controllerId,
                    partitions.stream()
                            .filter(each -> each.leaderId() == broker.id())
                            .count(),
                    partitions.stream()
                            .filter(each -> each.replicas().contains(broker.id()))
                            .count());
        }
    }

    /** A cluster in JSON. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ClusterDocument(
            String clusterId,
            @Nullable Integer controllerId,
            List<BrokerView> brokers,
            int partitions,
            Map<String, Long> problems) {

        static ClusterDocument of(ClusterState state, List<PartitionHealth> partitions) {
            var problems = new LinkedHashMap<String, Long>();
            for (Problem problem : Problem.values()) {
                problems.put(
                        problem.text(),
                        partitions.stream()
                                .filter(each -> each.problems().contains(problem))
                                .count());
            }
            return new ClusterDocument(
                    state.clusterId(),
                    state.controllerId() < 0 ? null : (Integer) state.controllerId(),
                    state.brokers().stream()
                            .sorted(Comparator.comparingInt(BrokerState::id))
                            .map(broker -> BrokerView.of(broker, state.controllerId(), partitions))
                            .toList(),
                    partitions.size(),
                    problems);
        }
    }

    @Override
    public void run() {
        try (ClusterClient client = cluster.open()) {
            ClusterState state = cluster.await(client.admin().brokers().cluster());
            print(ClusterDocument.of(state, PartitionHealth.in(cluster, client)));
        } catch (InterruptedException | TimeoutException e) {
            throw new CommandFailedException("describing the cluster: " + e.getMessage(), e);
        }
    }

    private void print(ClusterDocument document) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            JsonOutput.print(out, document);
            return;
        }
        out.println("cluster " + document.clusterId() + "  controller "
                + (document.controllerId() == null ? "none" : document.controllerId()) + "  brokers "
                + document.brokers().size() + "  partitions " + document.partitions() + "  " + problems(document));
        var table = new TextTable("BROKER", "ENDPOINT", "RACK", "STATE", "LEADS", "REPLICAS");
        document.brokers()
                .forEach(broker -> table.row(
                        broker.id(),
                        broker.host() + ":" + broker.port(),
                        broker.rack(),
                        state(broker),
                        broker.leaders(),
                        broker.replicas()));
        table.print(out);
    }

    private static String problems(ClusterDocument document) {
        String problems = document.problems().entrySet().stream()
                .filter(each -> each.getValue() > 0)
                .map(each -> each.getKey() + " " + each.getValue())
                .collect(Collectors.joining("  "));
        return problems.isEmpty() ? "all well" : problems;
    }

    private static String state(BrokerView broker) {
        if (broker.fenced()) {
            return "fenced";
        }
        return broker.controller() ? "alive, controller" : "alive";
    }
}
