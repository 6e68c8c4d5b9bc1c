package io.millrace.cli;

import io.millrace.client.ClusterClient;
import io.millrace.client.GroupAdmin;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Administration of groups of consumers. */
@Command(
        name = "group",
        description = "Lists, describes, resets and deletes groups of consumers.",
        mixinStandardHelpOptions = true,
        subcommands = {
            GroupCommand.ListAll.class,
            GroupDescribeCommand.class,
            GroupResetCommand.class,
            GroupDeleteOffsetsCommand.class,
            GroupCommand.Delete.class
        })
final class GroupCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli fills in the specification
    GroupCommand() {}

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "Say what to do: list, describe, reset, delete-offsets or delete.");
    }

    @Command(name = "list", description = "Lists groups.", mixinStandardHelpOptions = true)
    static final class ListAll implements Runnable {
        @Spec
        private CommandSpec spec;

        @Mixin
        private ClusterOptions cluster;

        @Option(names = "--state", split = ",", description = "Only groups in these states, such as Empty or Stable.")
        private List<String> states = List.of();

        @Option(names = "--type", split = ",", description = "Only groups of these types: classic, consumer.")
        private List<String> types = List.of();

        @Option(names = "--json", description = "Print JSON, a group a line.")
        private boolean json;

        @SuppressWarnings("NullAway.Init") // picocli fills in the options
        ListAll() {}

        @Override
        public void run() {
            PrintWriter out = spec.commandLine().getOut();
            try (ClusterClient client = cluster.open()) {
                List<GroupAdmin.Listing> groups = cluster
                        .await(client.admin().groups().list())
                        .stream()
                        .filter(group -> isAmong(states, group.state()) && isAmong(types, group.type()))
                        .sorted(Comparator.comparing(GroupAdmin.Listing::groupId))
                        .toList();
                if (json) {
                    groups.forEach(group -> JsonOutput.print(out, group));
                    return;
                }
                var table = new TextTable("GROUP", "TYPE", "STATE", "PROTOCOL", "COORDINATOR");
                groups.forEach(group -> table.row(
                        group.groupId(), group.type(), group.state(), group.protocolType(), group.coordinatorId()));
                if (!table.isEmpty()) {
                    table.print(out);
                }
            } catch (InterruptedException | TimeoutException e) {
                throw new CommandFailedException("listing groups: " + e.getMessage(), e);
            }
        }

        private static boolean isAmong(List<String> wanted, String value) {
            return wanted.isEmpty() || wanted.stream().anyMatch(value::equalsIgnoreCase);
        }
    }

    @Command(
            name = "delete",
            description = "Deletes groups that have no members, and what they have committed.",
            mixinStandardHelpOptions = true)
    static final class Delete implements Runnable {
        @Spec
        private CommandSpec spec;

        @Mixin
        private ClusterOptions cluster;

        @Parameters(paramLabel = "GROUP", arity = "1..*", description = "The groups.")
        private List<String> groupIds;

        @Option(names = "--json", description = "Print JSON, a group a line.")
        private boolean json;

        @SuppressWarnings("NullAway.Init") // picocli fills in the options
        Delete() {}

        @Override
        public void run() {
            PrintWriter out = spec.commandLine().getOut();
            try (ClusterClient client = cluster.open()) {
                for (String groupId : groupIds) {
                    GroupFailures.explained(
                            groupId, () -> cluster.await(client.admin().groups().delete(groupId)));
                    if (json) {
                        JsonOutput.print(out, json(groupId));
                    } else {
                        out.println("Deleted " + groupId);
                    }
                }
            } catch (InterruptedException | TimeoutException e) {
                throw new CommandFailedException("deleting " + groupIds + ": " + e.getMessage(), e);
            }
        }

        private static Map<String, Object> json(String groupId) {
            var json = new LinkedHashMap<String, Object>();
            json.put("groupId", groupId);
            json.put("deleted", true);
            return json;
        }
    }
}
