package io.millrace.cli;

import io.millrace.client.ClientException;
import io.millrace.client.ClusterClient;
import io.millrace.client.GroupAdmin;
import io.millrace.client.TopicPartition;
import io.millrace.protocol.ErrorCode;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Forgets how far a group has read topics that none of its members reads any more. */
@Command(
        name = "delete-offsets",
        description = "Forgets how far a group has read topics that none of its members reads any more.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  millrace group delete-offsets billing --topic orders:0,3"})
final class GroupDeleteOffsetsCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions cluster;

    @Parameters(paramLabel = "GROUP", description = "The group.")
    private String groupId;

    @Option(
            names = "--topic",
            required = true,
            paramLabel = "TOPIC[:P,...]",
            converter = TopicSelection.Converter.class,
            description = "A topic, or some of its partitions; may be given several times.")
    private List<TopicSelection> topics = List.of();

    @Option(names = "--json", description = "Print JSON, a partition a line.")
    private boolean json;

    @SuppressWarnings("NullAway.Init") // picocli fills in the options
    GroupDeleteOffsetsCommand() {}

    @Override
    public void run() {
        try (ClusterClient client = cluster.open()) {
            GroupAdmin admin = client.admin().groups();
            Set<TopicPartition> committed =
                    cluster.await(admin.committedOffsets(groupId)).keySet();
            List<TopicPartition> wanted = committed.stream()
                    .filter(partition -> topics.stream().anyMatch(selection -> selects(selection, partition)))
                    .sorted(GroupLag.BY_NAME)
                    .toList();
            if (wanted.isEmpty()) {
                GroupFailures.explained(groupId, () -> cluster.await(admin.describe(groupId)));
                throw new CommandFailedException("group " + groupId + " has committed no offset there; millrace group"
                        + " describe " + groupId + " shows where it has");
            }
            refuse(cluster.await(admin.deleteOffsets(groupId, wanted)));
            wanted.forEach(this::print);
        } catch (InterruptedException | TimeoutException e) {
            throw new CommandFailedException("deleting offsets of " + groupId + ": " + e.getMessage(), e);
        }
    }

    private static boolean selects(TopicSelection selection, TopicPartition partition) {
        return selection.topic().equals(partition.topic())
                && (selection.partitions().isEmpty() || selection.partitions().contains(partition.partition()));
    }

    private void refuse(Map<TopicPartition, ClientException> refused) {
        if (refused.isEmpty()) {
            return;
        }
        boolean isRead =
                refused.values().stream().anyMatch(why -> why.errorCode() == ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC);
        throw new CommandFailedException(
                isRead
                        ? "members of group " + groupId + " read " + refused.keySet() + "; stop them first"
                        : refused.values().stream().map(Throwable::getMessage).collect(Collectors.joining("; ")));
    }

    private void print(TopicPartition partition) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            var printed = new LinkedHashMap<String, Object>();
            printed.put("groupId", groupId);
            printed.put("topic", partition.topic());
            printed.put("partition", partition.partition());
            printed.put("deleted", true);
            JsonOutput.print(out, printed);
        } else {
            out.println("Forgot the offset of partition " + partition.partition() + " of " + partition.topic());
        }
    }
}
