package io.millrace.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.client.ClusterClient;
import io.millrace.client.DestinationDescription;
import io.millrace.client.GroupAdmin;
import io.millrace.client.GroupAdmin.Member;
import io.millrace.client.TopicPartition;
import java.io.PrintWriter;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows how far groups have read, and who reads. */
@Command(
        name = "describe",
        description = "Shows how far groups have read, what is still to be read (lag), and who reads.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  millrace group describe billing --members"})
final class GroupDescribeCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions cluster;

    @Parameters(paramLabel = "GROUP", arity = "0..*", description = "The groups.")
    private List<String> groupIds = List.of();

    @Option(names = "--all", description = "All groups.")
    private boolean all;

    @Option(names = "--members", description = "Show the members instead of the partitions.")
    private boolean members;

    @Option(names = "--json", description = "Print JSON, a group a line, with partitions and members.")
    private boolean json;

    @SuppressWarnings("NullAway.Init") // picocli fills in the options
    GroupDescribeCommand() {}

    /** A partition in JSON. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record PartitionView(
            String topic,
            int partition,
            @Nullable Long committedOffset,
            @Nullable Long endOffset,
            @Nullable Long lag,
            @Nullable String memberId) {

        static PartitionView of(GroupLag.Line line) {
            Member member = line.member();
            return new PartitionView(
                    line.partition().topic(),
                    line.partition().partition(),
                    line.committed(),
                    line.end(),
                    line.lag(),
                    member == null ? null : member.memberId());
        }
    }

    /** A member in JSON. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record MemberView(
            String memberId,
            @Nullable String instanceId,
            String clientId,
            String host,
            @Nullable Integer epoch,
            Collection<String> topics,
            Collection<TopicPartition> assignment,
            Collection<TopicPartition> target) {

        static MemberView of(Member member) {
            return new MemberView(
                    member.memberId(),
                    member.instanceId(),
                    member.clientId(),
                    member.clientHost(),
                    member.memberEpoch() < 0 ? null : (Integer) member.memberEpoch(),
                    member.topics(),
                    member.assignment(),
                    member.target());
        }
    }

    /** A group in JSON. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record GroupView(
            String groupId,
            String type,
            String state,
            int coordinatorId,
            String assignor,
            @Nullable Integer epoch,
            @Nullable Integer targetEpoch,
            long totalLag,
            List<PartitionView> partitions,
            List<MemberView> members) {

        static GroupView of(GroupAdmin.Description group, GroupLag lag) {
            return new GroupView(
                    group.groupId(),
                    group.type(),
                    group.state(),
                    group.coordinatorId(),
                    group.assignor(),
                    group.groupEpoch() < 0 ? null : (Integer) group.groupEpoch(),
                    group.targetEpoch() < 0 ? null : (Integer) group.targetEpoch(),
                    lag.total(),
                    lag.lines().stream().map(PartitionView::of).toList(),
                    group.members().stream().map(MemberView::of).toList());
        }
    }

    @Override
    public void run() {
        if (groupIds.isEmpty() != all) {
            throw new ParameterException(
                    spec.commandLine(), all ? "--all takes no names" : "Name some groups, or all with --all");
        }
        try (ClusterClient client = cluster.open();
                var offsets = new PartitionOffsets(cluster, client)) {
            for (String groupId : all ? allGroups(client) : groupIds) {
                describe(client, offsets, groupId);
            }
        } catch (InterruptedException | TimeoutException e) {
            throw new CommandFailedException("describing groups: " + e.getMessage(), e);
        }
    }

    private List<String> allGroups(ClusterClient client) throws InterruptedException, TimeoutException {
        return cluster.await(client.admin().groups().list()).stream()
                .map(GroupAdmin.Listing::groupId)
                .sorted()
                .toList();
    }

    private void describe(ClusterClient client, PartitionOffsets offsets, String groupId)
            throws InterruptedException, TimeoutException {
        GroupAdmin admin = client.admin().groups();
        GroupAdmin.Description group = GroupFailures.explained(groupId, () -> cluster.await(admin.describe(groupId)));
        var committed = cluster.await(admin.committedOffsets(groupId));
        var partitions = new LinkedHashSet<>(committed.keySet());
        group.members().forEach(member -> partitions.addAll(member.assignment()));
        Set<String> topics = partitions.stream().map(TopicPartition::topic).collect(Collectors.toSet());
        Map<String, DestinationDescription> found =
                topics.isEmpty() ? Map.of() : cluster.await(client.admin().describe(topics));
        var ends = offsets.ends(PartitionOffsets.answering(partitions, found));
        print(group, GroupLag.of(group, committed, ends));
    }

    private void print(GroupAdmin.Description group, GroupLag lag) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            JsonOutput.print(out, GroupView.of(group, lag));
            return;
        }
        out.println("group " + group.groupId() + "  " + group.type() + "  " + group.state() + "  coordinator "
                + group.coordinatorId() + (group.assignor().isEmpty() ? "" : "  assignor " + group.assignor())
                + (group.groupEpoch() < 0 ? "" : "  epoch " + group.groupEpoch())
                + "  members " + group.members().size() + "  lag " + lag.total());
        TextTable table = members ? members(group) : partitions(lag);
        if (!table.isEmpty()) {
            table.print(out);
        }
    }

    private static TextTable partitions(GroupLag lag) {
        var table = new TextTable("TOPIC", "PARTITION", "COMMITTED", "END", "LAG", "MEMBER", "HOST", "CLIENT");
        for (GroupLag.Line line : lag.lines()) {
            Member member = line.member();
            table.row(
                    line.partition().topic(),
                    line.partition().partition(),
                    line.committed(),
                    line.end(),
                    line.lag(),
                    member == null ? null : member.memberId(),
                    member == null ? null : member.clientHost(),
                    member == null ? null : member.clientId());
        }
        return table;
    }

    private static TextTable members(GroupAdmin.Description group) {
        var table = new TextTable("MEMBER", "INSTANCE", "HOST", "CLIENT", "EPOCH", "PARTITIONS", "ASSIGNMENT");
        for (Member member : group.members()) {
            table.row(
                    member.memberId(),
                    member.instanceId(),
                    member.clientHost(),
                    member.clientId(),
                    member.memberEpoch() < 0 ? null : (Integer) member.memberEpoch(),
                    member.assignment().size(),
                    TopicSelection.text(member.assignment()));
        }
        return table;
    }
}
