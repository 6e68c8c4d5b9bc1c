package io.millrace.cli;

import io.millrace.client.ClusterClient;
import io.millrace.client.SubscriptionDescription;
import io.millrace.client.SubscriptionWish;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Administration of subscriptions of topics. */
@Command(
        name = "subscription",
        description = "Lists, describes, creates and deletes durable and shared subscriptions of topics.",
        mixinStandardHelpOptions = true,
        subcommands = {
            SubscriptionCommand.ListAll.class,
            SubscriptionCommand.Describe.class,
            SubscriptionCommand.Create.class,
            SubscriptionCommand.Delete.class
        })
final class SubscriptionCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli fills in the specification
    SubscriptionCommand() {}

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Say what to do: list, describe, create or delete.");
    }

    /** Which subscription is meant. */
    static final class Name {
        @Parameters(paramLabel = "NAME", description = "The subscription.")
        private String name;

        @Option(names = "--client-id", description = "The client id that it belongs to; none by default.")
        private String clientId = "";

        @Option(names = "--non-durable", description = "The shared one that lasts as long as it has consumers.")
        private boolean nonDurable;

        @SuppressWarnings("NullAway.Init") // picocli fills in the options
        Name() {}

        SubscriptionDescription find(ClusterClient client, ClusterOptions cluster)
                throws InterruptedException, TimeoutException {
            return cluster.await(client.admin().subscriptions().find(clientId, name, !nonDurable))
                    .orElseThrow(() -> new CommandFailedException("there is no " + (nonDurable ? "non-" : "")
                            + "durable subscription '" + name + "'"
                            + (clientId.isEmpty()
                                    ? " without a client id; name its client by --client-id"
                                    : " of the client id '" + clientId + "'")));
        }
    }

    @Command(
            name = "list",
            description = "Lists subscriptions, with how much is not acknowledged.",
            mixinStandardHelpOptions = true)
    static final class ListAll implements Runnable {
        @Spec
        private CommandSpec spec;

        @Mixin
        private ClusterOptions cluster;

        @Option(names = "--topic", description = "Only those of this topic.")
        private @Nullable String topic;

        @Option(names = "--json", description = "Print JSON, a subscription a line.")
        private boolean json;

        @SuppressWarnings("NullAway.Init") // picocli fills in the options
        ListAll() {}

        @Override
        public void run() {
            PrintWriter out = spec.commandLine().getOut();
            try (ClusterClient client = cluster.open()) {
                List<SubscriptionDescription> found =
                        cluster.await(client.admin().subscriptions().list(topic, null)).stream()
                                .sorted(Comparator.comparing(SubscriptionDescription::topic)
                                        .thenComparing(SubscriptionDescription::clientId)
                                        .thenComparing(SubscriptionDescription::name))
                                .toList();
                if (json) {
                    found.forEach(each -> JsonOutput.print(out, json(each)));
                    return;
                }
                var table = new TextTable("TOPIC", "CLIENT-ID", "NAME", "KIND", "UNACKNOWLEDGED", "CONSUMERS");
                found.forEach(each -> table.row(
                        each.topic(),
                        each.clientId().isEmpty() ? "-" : each.clientId(),
                        each.name(),
                        kind(each),
                        each.unacknowledged(),
                        each.consumerCount()));
                if (!table.isEmpty()) {
                    table.print(out);
                }
            } catch (InterruptedException | TimeoutException e) {
                throw new CommandFailedException("listing subscriptions: " + e.getMessage(), e);
            }
        }
    }

    @Command(
            name = "describe",
            description = "Tells how a subscription stands in each partition.",
            mixinStandardHelpOptions = true)
    static final class Describe implements Runnable {
        @Spec
        private CommandSpec spec;

        @Mixin
        private ClusterOptions cluster;

        @Mixin
        private Name name;

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        @SuppressWarnings("NullAway.Init") // picocli fills in the options
        Describe() {}

        @Override
        public void run() {
            PrintWriter out = spec.commandLine().getOut();
            try (ClusterClient client = cluster.open()) {
                SubscriptionDescription found = name.find(client, cluster);
                if (json) {
                    JsonOutput.print(out, json(found));
                    return;
                }
                out.println("Subscription " + found.name() + " of topic " + found.topic() + ", " + kind(found)
                        + (found.clientId().isEmpty() ? "" : ", client id " + found.clientId())
                        + (found.selector().isEmpty() ? "" : ", selector " + found.selector()));
                var table = new TextTable("PARTITION", "ACKNOWLEDGED-BELOW", "UNACKNOWLEDGED", "ACQUIRED", "CONSUMERS");
                found.partitions()
                        .forEach(partition -> table.row(
                                partition.partition(),
                                partition.acknowledgedBelow(),
                                partition.unacknowledged(),
                                partition.acquired(),
                                partition.consumers().size()));
                table.print(out);
                if (!found.hasBegun()) {
                    out.println((found.partitionCount() - found.partitions().size())
                            + " partitions have no leader that knows of it now");
                }
            } catch (InterruptedException | TimeoutException e) {
                throw new CommandFailedException("describing the subscription: " + e.getMessage(), e);
            }
        }
    }

    @Command(
            name = "create",
            description = "Creates a durable subscription, which begins now. One that is there goes on.",
            mixinStandardHelpOptions = true)
    static final class Create implements Runnable {
        @Spec
        private CommandSpec spec;

        @Mixin
        private ClusterOptions cluster;

        @Parameters(paramLabel = "NAME", description = "The subscription.")
        private String name;

        @Option(names = "--topic", required = true, description = "The topic.")
        private String topic;

        @Option(names = "--client-id", description = "The client id that it belongs to; needed unless it is shared.")
        private String clientId = "";

        @Option(names = "--shared", description = "Several consumers may have it at once.")
        private boolean shared;

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        @SuppressWarnings("NullAway.Init") // picocli fills in the options
        Create() {}

        @Override
        public void run() {
            PrintWriter out = spec.commandLine().getOut();
            if (!shared && clientId.isEmpty()) {
                throw new ParameterException(
                        spec.commandLine(), "A subscription that is not --shared belongs to a --client-id.");
            }
            var wanted = shared
                    ? SubscriptionWish.sharedDurable(topic, clientId, name)
                    : SubscriptionWish.durable(topic, clientId, name);
            try (ClusterClient client = cluster.open()) {
                SubscriptionDescription created =
                        cluster.await(client.admin().subscriptions().create(wanted));
                if (json) {
                    JsonOutput.print(out, json(created));
                } else {
                    out.println("Subscription " + created.name() + " of topic " + created.topic() + " is there");
                }
            } catch (InterruptedException | TimeoutException e) {
                throw new CommandFailedException("creating subscription " + name + ": " + e.getMessage(), e);
            }
        }
    }

    @Command(
            name = "delete",
            description = "Deletes a subscription that has no consumer, with all that it has not acknowledged.",
            mixinStandardHelpOptions = true)
    static final class Delete implements Runnable {
        @Spec
        private CommandSpec spec;

        @Mixin
        private ClusterOptions cluster;

        @Mixin
        private Name name;

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        @SuppressWarnings("NullAway.Init") // picocli fills in the options
        Delete() {}

        @Override
        public void run() {
            PrintWriter out = spec.commandLine().getOut();
            try (ClusterClient client = cluster.open()) {
                SubscriptionDescription found = name.find(client, cluster);
                cluster.await(client.admin().subscriptions().delete(found));
                if (json) {
                    Map<String, Object> deleted = identity(found);
                    deleted.put("deleted", true);
                    JsonOutput.print(out, deleted);
                } else {
                    out.println("Deleted " + found.name() + " of topic " + found.topic());
                }
            } catch (InterruptedException | TimeoutException e) {
                throw new CommandFailedException("deleting the subscription: " + e.getMessage(), e);
            }
        }
    }

    private static String kind(SubscriptionDescription subscription) {
        String durability = subscription.isDurable() ? "durable" : "non-durable";
        return subscription.isShared() ? "shared " + durability : durability;
    }

    private static Map<String, Object> identity(SubscriptionDescription subscription) {
        var json = new LinkedHashMap<String, Object>();
        json.put("topic", subscription.topic());
        json.put("clientId", subscription.clientId());
        json.put("name", subscription.name());
        json.put("durable", subscription.isDurable());
        json.put("shared", subscription.isShared());
        return json;
    }

    private static Map<String, Object> json(SubscriptionDescription subscription) {
        Map<String, Object> json = identity(subscription);
        json.put("selector", subscription.selector());
        json.put("unacknowledged", subscription.unacknowledged());
        json.put("consumers", subscription.consumerCount());
        json.put(
                "partitions",
                subscription.partitions().stream()
                        .map(SubscriptionCommand::json)
                        .toList());
        return json;
    }

    private static Map<String, Object> json(SubscriptionDescription.Partition partition) {
        var json = new LinkedHashMap<String, Object>();
        json.put("partition", partition.partition());
        json.put("acknowledgedBelow", partition.acknowledgedBelow());
        json.put("unacknowledged", partition.unacknowledged());
        json.put("acquired", partition.acquired());
        json.put("consumers", partition.consumers().size());
        return json;
    }
}
