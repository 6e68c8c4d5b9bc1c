package io.millrace.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.client.ClientException;
import io.millrace.client.ClusterClient;
import io.millrace.client.GroupAdmin;
import io.millrace.client.GroupAdmin.CommittedOffset;
import io.millrace.client.TopicPartition;
import io.millrace.protocol.ErrorCode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Sets where a group that is stopped goes on reading. */
@Command(
        name = "reset",
        description = {
            "Sets where a group goes on reading. The group must have no members meanwhile.",
            "Without --execute it shows what would be set, and sets nothing."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  millrace group reset billing --topic orders --to -2h",
            "  millrace group reset billing --topic orders:0,3 --to beginning --execute",
            "  millrace group reset billing --all-topics --shift-by -100 --execute"
        })
final class GroupResetCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions cluster;

    @Parameters(paramLabel = "GROUP", description = "The group; one that is not there yet is made.")
    private String groupId;

    @ArgGroup(multiplicity = "1")
    private Where where;

    @ArgGroup(multiplicity = "1")
    private Which which;

    @Option(names = "--execute", description = "Set the offsets, instead of showing what would be set.")
    private boolean execute;

    @Option(names = "--json", description = "Print JSON, a partition a line.")
    private boolean json;

    @SuppressWarnings("NullAway.Init") // picocli fills in the options
    GroupResetCommand() {}

    /** Where to go on. */
    static final class Where {
        @Option(
                names = "--to",
                paramLabel = "WHERE",
                converter = StartAt.Converter.class,
                description = "beginning, end, an offset, an instant, @ and milliseconds since 1970, or a time ago such"
                        + " as -10m.")
        private @Nullable StartAt to;

        @Option(names = "--shift-by", paramLabel = "N", description = "So many records on, or back if negative.")
        private @Nullable Long shiftBy;
    }

    /** In which partitions. */
    static final class Which {
        @Option(
                names = "--topic",
                paramLabel = "TOPIC[:P,...]",
                converter = TopicSelection.Converter.class,
                description = "A topic, or some of its partitions; may be given several times.")
        private List<TopicSelection> topics = List.of();

        @Option(names = "--all-topics", description = "All that the group has committed offsets of.")
        private boolean all;
    }

    /** A partition in JSON. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ResetView(
            String groupId, String topic, int partition, @Nullable Long before, long after, boolean executed) {}

    @Override
    public void run() {
        try (ClusterClient client = cluster.open();
                var offsets = new PartitionOffsets(cluster, client)) {
            GroupAdmin admin = client.admin().groups();
            refuseWhileItHasMembers(admin);
            Map<TopicPartition, CommittedOffset> committed = cluster.await(admin.committedOffsets(groupId));
            List<TopicPartition> partitions = partitions(client, committed.keySet());
            List<OffsetReset> resets = resets(partitions, committed, offsets);
            if (execute) {
                set(admin, resets);
            }
            print(resets);
        } catch (InterruptedException | TimeoutException e) {
            throw new CommandFailedException("resetting " + groupId + ": " + e.getMessage(), e);
        }
    }

    private void refuseWhileItHasMembers(GroupAdmin admin) throws InterruptedException, TimeoutException {
        try {
            int members = cluster.await(admin.describe(groupId)).members().size();
            if (members > 0) {
                throw new CommandFailedException("group " + groupId + " has " + members
                        + " member(s), which would go on from where they are; stop them first (millrace group describe "
                        + groupId + " --members shows them)");
            }
        } catch (ClientException e) {
            if (e.errorCode() != ErrorCode.GROUP_ID_NOT_FOUND) {
                throw e;
            }
        }
    }

    private List<TopicPartition> partitions(ClusterClient client, Set<TopicPartition> committed)
            throws InterruptedException, TimeoutException {
        if (which.all && committed.isEmpty()) {
            throw new CommandFailedException("group " + groupId
                    + " has committed nothing, so there is nothing that --all-topics could mean; use --topic");
        }
        Set<String> names = which.all
                ? committed.stream().map(TopicPartition::topic).collect(Collectors.toSet())
                : which.topics.stream().map(TopicSelection::topic).collect(Collectors.toSet());
        var found = cluster.await(client.admin().describe(names));
        Collection<TopicPartition> wanted = which.all
                ? committed.stream()
                        .filter(partition -> found.containsKey(partition.topic()))
                        .sorted(GroupLag.BY_NAME)
                        .toList()
                : TopicSelection.partitionsOf(which.topics, found);
        List<TopicPartition> answering = PartitionOffsets.answering(wanted, found);
        if (answering.size() < wanted.size()) {
            var silent = new ArrayList<>(wanted);
            silent.removeAll(answering);
            throw new CommandFailedException("no leader can say which offsets there are in " + silent
                    + "; wait until they have one (millrace topic describe shows it), or name the others");
        }
        return answering;
    }

    private List<OffsetReset> resets(
            List<TopicPartition> partitions, Map<TopicPartition, CommittedOffset> committed, PartitionOffsets offsets)
            throws InterruptedException, TimeoutException {
        Map<TopicPartition, Long> beginnings = offsets.beginnings(partitions);
        Map<TopicPartition, Long> ends = offsets.ends(partitions);
        Map<TopicPartition, Long> wanted =
                where.to == null ? shifted(partitions, committed, where.shiftBy) : offsets.of(where.to, partitions);
        return partitions.stream()
                .map(partition -> {
                    CommittedOffset before = committed.get(partition);
                    long end = ends.getOrDefault(partition, 0L);
                    return OffsetReset.to(
                            partition,
                            before == null ? null : (Long) before.offset(),
                            wanted.getOrDefault(partition, end),
                            beginnings,
                            end);
                })
                .toList();
    }

    private Map<TopicPartition, Long> shifted(
            List<TopicPartition> partitions, Map<TopicPartition, CommittedOffset> committed, @Nullable Long by) {
        var shifted = new LinkedHashMap<TopicPartition, Long>();
        for (TopicPartition partition : partitions) {
            CommittedOffset before = committed.get(partition);
            if (before == null) {
                throw new CommandFailedException("group " + groupId + " has committed nothing in " + partition
                        + ", so there is nothing that --shift-by could start from; use --to");
            }
            shifted.put(partition, before.offset() + (by == null ? 0 : by));
        }
        return shifted;
    }

    private void set(GroupAdmin admin, List<OffsetReset> resets) throws InterruptedException, TimeoutException {
        Map<TopicPartition, Long> offsets =
                resets.stream().collect(Collectors.toMap(OffsetReset::partition, OffsetReset::after));
        Map<TopicPartition, ClientException> refused = cluster.await(admin.setOffsets(groupId, offsets));
        if (!refused.isEmpty()) {
            throw new CommandFailedException(refused.values().stream()
                    .map(Throwable::getMessage)
                    .collect(Collectors.joining("; ", refused.size() + " offset(s) were refused: ", "")));
        }
    }

    private void print(List<OffsetReset> resets) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            resets.forEach(reset -> JsonOutput.print(
                    out,
                    new ResetView(
                            groupId,
                            reset.partition().topic(),
                            reset.partition().partition(),
                            reset.before(),
                            reset.after(),
                            execute)));
            return;
        }
        var table = new TextTable("TOPIC", "PARTITION", "BEFORE", "AFTER", "NOTE");
        resets.forEach(reset -> table.row(
                reset.partition().topic(), reset.partition().partition(), reset.before(), reset.after(), note(reset)));
        table.print(out);
        if (!execute) {
            PrintWriter err = spec.commandLine().getErr();
            err.println("Nothing was set. --execute sets it.");
            err.flush();
        }
    }

    private static @Nullable String note(OffsetReset reset) {
        if (reset.wasLimited()) {
            return "the log has no offset " + reset.wanted();
        }
        return reset.changesSomething() ? null : "as it is";
    }
}
