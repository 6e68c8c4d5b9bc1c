package io.millrace.cli;

import io.millrace.cli.rebalance.PartitionMove;
import io.millrace.cli.rebalance.RebalancePlanner;
import io.millrace.cli.rebalance.RebalanceRun;
import io.millrace.client.ClientException;
import io.millrace.client.ClusterClient;
import io.millrace.client.ClusterDescription;
import io.millrace.client.DestinationDescription;
import io.millrace.client.PartitionAdmin.Reassignment;
import io.millrace.client.TopicPartition;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Evens out replicas and leaders over the brokers, or empties a broker. */
@Command(
        name = "rebalance",
        description = "Evens out replicas and leaders over the brokers; gives a new broker its share, or empties one.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Interrupted, it leaves what is under way to the cluster; run again, it goes on.",
            "Example:",
            "  millrace rebalance --remove-broker 3 --throttle 20MB/s"
        })
final class RebalanceCommand implements Runnable {
    private static final Duration LOOK_EVERY = Duration.ofMillis(500);

    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions cluster;

    @Option(names = "--plan", description = "Only print what would be moved.")
    private boolean planOnly;

    @Option(names = "--brokers", split = ",", description = "The brokers to use. Default: all that are there.")
    private Set<Integer> brokers = new LinkedHashSet<>();

    @Option(names = "--topics", split = ",", description = "The topics and queues to move. Default: all.")
    private Set<String> topics = new LinkedHashSet<>();

    @Option(names = "--remove-broker", paramLabel = "ID", description = "Leave nothing on this broker.")
    private Set<Integer> removed = new LinkedHashSet<>();

    @Option(
            names = "--throttle",
            paramLabel = "RATE",
            defaultValue = "0",
            converter = ThrottleConverter.class,
            description = "What each broker may copy in a second, as 20MB/s. More than is produced, or it never ends."
                    + " Default: no bound.")
    private long bytesPerSecond;

    @Option(
            names = "--at-once",
            defaultValue = "10",
            description = "How many partitions are copied at a time. Default: ${DEFAULT-VALUE}.")
    private int movesAtOnce;

    @Option(names = "--json", description = "Print JSON, a document a line.")
    private boolean json;

    /** Zero, which nobody writes, is no bound. */
    static final class ThrottleConverter implements picocli.CommandLine.ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            return text.equals("0") ? 0L : new ByteRate().convert(text);
        }
    }

    @SuppressWarnings("NullAway.Init") // picocli fills in the options
    RebalanceCommand() {}

    @Override
    public void run() {
        if (movesAtOnce < 1) {
            throw new ParameterException(
                    spec.commandLine(), "--at-once " + movesAtOnce + " is too few; the least is 1 partition");
        }
        try (ClusterClient client = cluster.open()) {
            var plan = plan(client);
            printPlan(plan);
            if (!planOnly && !plan.isEmpty()) {
                carryOut(client, plan);
            }
        } catch (RebalancePlanner.ImpossibleException e) {
            throw new CommandFailedException(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException | TimeoutException e) {
            throw new CommandFailedException("rebalancing: " + e.getMessage(), e);
        }
    }

    private List<PartitionMove> plan(ClusterClient client) throws InterruptedException, TimeoutException {
        ClusterDescription description = cluster.await(client.admin().cluster());
        var there = new TreeSet<Integer>();
        var racks = new HashMap<Integer, String>();
        for (ClusterDescription.Broker broker : description.brokers()) {
            there.add(broker.id());
            if (broker.rack() != null) {
                racks.put(broker.id(), broker.rack());
            }
        }
        Set<Integer> usable = usable(there);
        Map<TopicPartition, List<Integer>> replicas = replicas(client);
        Map<TopicPartition, Reassignment> moving =
                cluster.await(client.admin().partitions().moves());
        var goals = new HashMap<TopicPartition, List<Integer>>();
        replicas.forEach((partition, of) -> goals.put(
                partition, moving.containsKey(partition) ? moving.get(partition).target() : of));
        int all = goals.size();
        goals.values().removeIf(of -> of.stream().anyMatch(id -> !there.contains(id) && !removed.contains(id)));
        if (goals.size() < all) {
            spec.commandLine()
                    .getErr()
                    .println((all - goals.size())
                            + " partition(s) have replicas on brokers that are not there and stay as"
                            + " they are; --remove-broker moves them away from such a broker");
        }
        var plan = RebalancePlanner.plan(usable, racks, goals);
        return withThoseUnderWay(plan, replicas, moving);
    }

    private Set<Integer> usable(Set<Integer> there) {
        var usable = new TreeSet<>(brokers.isEmpty() ? there : brokers);
        usable.removeAll(removed);
        if (usable.isEmpty() || !there.containsAll(usable)) {
            throw new CommandFailedException("the brokers to use are " + usable + "; there are " + there);
        }
        return usable;
    }

    private Map<TopicPartition, List<Integer>> replicas(ClusterClient client)
            throws InterruptedException, TimeoutException {
        Collection<DestinationDescription> found = cluster.await(client.admin().list());
        var names = found.stream().map(DestinationDescription::name).toList();
        if (!names.containsAll(topics)) {
            var missing = new TreeSet<>(topics);
            names.forEach(missing::remove);
            throw new CommandFailedException(
                    "there is no destination named " + missing + "; millrace topic list shows what there is");
        }
        var replicas = new HashMap<TopicPartition, List<Integer>>();
        found.stream()
                .filter(each -> topics.isEmpty() || topics.contains(each.name()))
                .forEach(each -> each.partitions()
                        .forEach(partition -> replicas.put(
                                new TopicPartition(each.name(), partition.partition()), partition.replicas())));
        return replicas;
    }

    /** The moves that an earlier run began go on, with this run's throttle. */
    private static List<PartitionMove> withThoseUnderWay(
            List<PartitionMove> plan,
            Map<TopicPartition, List<Integer>> replicas,
            Map<TopicPartition, Reassignment> moving) {
        var moves = new LinkedHashMap<TopicPartition, PartitionMove>();
        moving.forEach((partition, move) -> {
            if (replicas.containsKey(partition)) {
                moves.put(
                        partition, new PartitionMove(partition, before(replicas.get(partition), move), move.target()));
            }
        });
        plan.forEach(move -> {
            var running = moves.get(move.partition());
            moves.put(
                    move.partition(),
                    running == null ? move : new PartitionMove(move.partition(), running.from(), move.to()));
        });
        return new ArrayList<>(moves.values());
    }

    private static List<Integer> before(List<Integer> union, Reassignment move) {
        return union.stream().filter(id -> !move.adding().contains(id)).toList();
    }

    private void printPlan(List<PartitionMove> plan) {
        PrintWriter out = spec.commandLine().getOut();
        for (PartitionMove move : plan) {
            if (json) {
                var document = new LinkedHashMap<String, Object>();
                document.put("topic", move.partition().topic());
                document.put("partition", move.partition().partition());
                document.put("from", move.from());
                document.put("to", move.to());
                JsonOutput.print(out, document);
            } else if (planOnly) {
                out.println(move.partition() + "  " + move.from() + " -> " + move.to());
            }
        }
        if (!json) {
            int copies = plan.stream().mapToInt(move -> move.adding().size()).sum();
            out.println(
                    plan.isEmpty()
                            ? "Everything is even; there is nothing to move"
                            : plan.size() + " partition(s) to change, " + copies + " replica(s) to copy");
        }
        out.flush();
    }

    private void carryOut(ClusterClient client, List<PartitionMove> plan)
            throws InterruptedException, TimeoutException {
        PrintWriter err = spec.commandLine().getErr();
        boolean isTerminal = Terminal.isThere();
        var progress = new RebalanceProgress(
                json ? spec.commandLine().getOut() : err,
                json
                        ? RebalanceProgress.Style.JSON
                        : isTerminal ? RebalanceProgress.Style.BAR : RebalanceProgress.Style.LINES);
        var hook = new Thread(() -> {
            err.println();
            err.println("Interrupted: what is under way goes on in the cluster; run it again for the rest");
            err.flush();
        });
        Runtime.getRuntime().addShutdownHook(hook);
        Map<TopicPartition, ClientException> failures;
        try {
            failures = new RebalanceRun(
                            client.admin().partitions(), cluster::await, movesAtOnce, bytesPerSecond, LOOK_EVERY)
                    .run(plan, progress::show);
        } finally {
            Runtime.getRuntime().removeShutdownHook(hook);
            progress.end();
        }
        report(plan, failures);
    }

    private void report(List<PartitionMove> plan, Map<TopicPartition, ClientException> failures) {
        if (!failures.isEmpty()) {
            failures.forEach((partition, failure) ->
                    spec.commandLine().getErr().println(partition + ": " + failure.getMessage()));
            throw new CommandFailedException(failures.size() + " of " + plan.size() + " partitions were not moved");
        }
        if (!json) {
            spec.commandLine().getOut().println("Done: " + plan.size() + " partition(s)");
        }
    }
}
