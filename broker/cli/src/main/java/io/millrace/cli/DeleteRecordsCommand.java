package io.millrace.cli;

import io.millrace.client.ClusterClient;
import io.millrace.client.TopicPartition;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Deletes the first records of a partition. */
@Command(
        name = "delete-records",
        description =
                "Deletes the records of a partition below an offset, on all replicas. They cannot be brought back.",
        mixinStandardHelpOptions = true)
final class DeleteRecordsCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions cluster;

    @Parameters(paramLabel = "NAME", description = "The topic.")
    private String name;

    @Option(names = "--partition", required = true, paramLabel = "P", description = "Which of its partitions.")
    private int partition;

    @Option(
            names = "--before",
            required = true,
            paramLabel = "OFFSET",
            description = "The first offset to keep; -1: delete all that is committed.")
    private long before;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @SuppressWarnings("NullAway.Init") // picocli fills in the options
    DeleteRecordsCommand() {}

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        try (ClusterClient client = cluster.open()) {
            long start = cluster.await(client.admin().deleteRecords(new TopicPartition(name, partition), before));
            if (json) {
                var printed = new LinkedHashMap<String, Object>();
                printed.put("name", name);
                printed.put("partition", partition);
                printed.put("startOffset", start);
                JsonOutput.print(out, printed);
            } else {
                out.println("Partition " + partition + " of " + name + " now begins with offset " + start);
            }
        } catch (InterruptedException | TimeoutException e) {
            throw new CommandFailedException("deleting records of " + name + ": " + e.getMessage(), e);
        }
    }
}
