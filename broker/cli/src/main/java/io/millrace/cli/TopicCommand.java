package io.millrace.cli;

import io.millrace.client.ClusterClient;
import io.millrace.client.DestinationDescription;
import io.millrace.client.DestinationKind;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Administration of topics and queues. */
@Command(
        name = "topic",
        description = "Creates, lists, describes and deletes topics and queues, and deletes records.",
        mixinStandardHelpOptions = true,
        subcommands = {
            TopicCommand.Create.class,
            TopicCommand.ListAll.class,
            TopicCommand.Describe.class,
            TopicCommand.Delete.class,
            DeleteRecordsCommand.class
        })
final class TopicCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli fills in the specification
    TopicCommand() {}

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "Say what to do: create, list, describe, delete or delete-records.");
    }

    /** What a destination looks like in JSON. */
    private static Map<String, Object> json(DestinationDescription destination) {
        var json = new LinkedHashMap<String, Object>();
        json.put("name", destination.name());
        json.put("topicId", destination.topicId().toString());
        json.put("kind", destination.kind().name().toLowerCase(Locale.ROOT));
        json.put("internal", destination.isInternal());
        json.put("configuration", new TreeMap<>(destination.configuration()));
        json.put("partitions", destination.partitions());
        return json;
    }

    private static String kind(DestinationDescription destination) {
        return destination.kind().name().toLowerCase(Locale.ROOT);
    }

    @Command(name = "create", description = "Creates a topic or a queue.", mixinStandardHelpOptions = true)
    static final class Create implements Runnable {
        @Spec
        private CommandSpec spec;

        @Mixin
        private ClusterOptions cluster;

        @Parameters(paramLabel = "NAME", description = "The new destination's name.")
        private String name;

        @Option(names = "--kind", defaultValue = "TOPIC", description = "topic or queue. Default: topic.")
        private DestinationKind kind;

        @Option(
                names = {"-p", "--partitions"},
                defaultValue = "-1",
                description = "Default: the brokers' num.partitions.")
        private int partitions;

        @Option(
                names = {"-r", "--replication-factor"},
                defaultValue = "-1",
                description = "Default: the brokers' default.replication.factor.")
        private int replicationFactor;

        @Option(
                names = {"-c", "--config"},
                paramLabel = "KEY=VALUE",
                description = "A setting of the destination; may be given several times.")
        private Map<String, String> configuration = new HashMap<>();

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        @SuppressWarnings("NullAway.Init") // picocli fills in the options
        Create() {}

        @Override
        public void run() {
            PrintWriter out = spec.commandLine().getOut();
            try (ClusterClient client = cluster.open()) {
                cluster.await(client.admin().create(name, kind, partitions, replicationFactor, configuration));
                DestinationDescription created =
                        cluster.await(client.admin().describe(List.of(name))).get(name);
                if (json && created != null) {
                    JsonOutput.print(out, json(created));
                } else {
                    out.println("Created " + kind.name().toLowerCase(Locale.ROOT) + " " + name
                            + (created == null
                                    ? ""
                                    : " with " + created.partitions().size() + " partition(s)"));
                }
            } catch (InterruptedException | TimeoutException e) {
                throw new CommandFailedException("creating " + name + ": " + e.getMessage(), e);
            }
        }
    }

    @Command(name = "list", description = "Lists topics and queues.", mixinStandardHelpOptions = true)
    static final class ListAll implements Runnable {
        @Spec
        private CommandSpec spec;

        @Mixin
        private ClusterOptions cluster;

        @Option(names = "--internal", description = "Include internal topics.")
        private boolean internal;

        @Option(names = "--json", description = "Print JSON, a destination a line.")
        private boolean json;

        @SuppressWarnings("NullAway.Init") // picocli fills in the options
        ListAll() {}

        @Override
        public void run() {
            PrintWriter out = spec.commandLine().getOut();
            try (ClusterClient client = cluster.open()) {
                List<DestinationDescription> destinations = cluster
                        .await(client.admin().list())
                        .stream()
                        .filter(destination -> internal || !destination.isInternal())
                        .sorted(Comparator.comparing(DestinationDescription::name))
                        .toList();
                for (DestinationDescription destination : destinations) {
                    if (json) {
                        JsonOutput.print(out, json(destination));
                    } else {
                        out.printf(
                                Locale.ROOT,
                                "%-6s %-40s %d partition(s)%n",
                                kind(destination),
                                destination.name(),
                                destination.partitions().size());
                    }
                }
            } catch (InterruptedException | TimeoutException e) {
                throw new CommandFailedException("listing destinations: " + e.getMessage(), e);
            }
        }
    }

    @Command(name = "describe", description = "Shows partitions, leaders, replicas.", mixinStandardHelpOptions = true)
    static final class Describe implements Runnable {
        @Spec
        private CommandSpec spec;

        @Mixin
        private ClusterOptions cluster;

        @Parameters(paramLabel = "NAME", arity = "1..*", description = "The destinations.")
        private List<String> names;

        @Option(names = "--json", description = "Print JSON, a destination a line.")
        private boolean json;

        @SuppressWarnings("NullAway.Init") // picocli fills in the options
        Describe() {}

        @Override
        public void run() {
            PrintWriter out = spec.commandLine().getOut();
            try (ClusterClient client = cluster.open()) {
                Map<String, DestinationDescription> found =
                        cluster.await(client.admin().describe(names));
                for (String name : names) {
                    DestinationDescription destination =
                            found.containsKey(name) ? found.get(name) : cluster.find(client, name);
                    if (destination == null) {
                        throw new CommandFailedException(
                                "there is no destination named " + name + "; millrace topic list shows what there is");
                    }
                    if (json) {
                        JsonOutput.print(out, json(destination));
                    } else {
                        print(out, destination);
                    }
                }
            } catch (InterruptedException | TimeoutException e) {
                throw new CommandFailedException("describing " + names + ": " + e.getMessage(), e);
            }
        }

        private static void print(PrintWriter out, DestinationDescription destination) {
            out.println(kind(destination) + " " + destination.name() + "  id " + destination.topicId()
                    + (destination.configuration().isEmpty() ? "" : "  " + new TreeMap<>(destination.configuration())));
            for (DestinationDescription.Partition partition : destination.partitions()) {
                out.println("  partition " + partition.partition()
                        + "  leader " + (partition.leaderId() < 0 ? "none" : partition.leaderId())
                        + "  epoch " + partition.leaderEpoch()
                        + "  replicas " + partition.replicas()
                        + "  in sync " + partition.inSyncReplicas());
            }
        }
    }

    @Command(name = "delete", description = "Deletes topics and queues.", mixinStandardHelpOptions = true)
    static final class Delete implements Runnable {
        @Spec
        private CommandSpec spec;

        @Mixin
        private ClusterOptions cluster;

        @Parameters(paramLabel = "NAME", arity = "1..*", description = "The destinations.")
        private List<String> names;

        @Option(names = "--json", description = "Print JSON, a destination a line.")
        private boolean json;

        @SuppressWarnings("NullAway.Init") // picocli fills in the options
        Delete() {}

        @Override
        public void run() {
            PrintWriter out = spec.commandLine().getOut();
            try (ClusterClient client = cluster.open()) {
                for (String name : names) {
                    cluster.await(client.admin().delete(name));
                    if (json) {
                        JsonOutput.print(out, json(name));
                    } else {
                        out.println("Deleted " + name);
                    }
                }
            } catch (InterruptedException | TimeoutException e) {
                throw new CommandFailedException("deleting " + names + ": " + e.getMessage(), e);
            }
        }

        private static Map<String, Object> json(String name) {
            var json = new LinkedHashMap<String, Object>();
            json.put("name", name);
            json.put("deleted", true);
            return json;
        }
    }
}
