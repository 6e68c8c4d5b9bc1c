package io.millrace.cli;

import io.millrace.client.ClusterClient;
import io.millrace.client.TransactionAdmin;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Has a coordinator abort the transaction that a transactional id has open. */
@Command(
        name = "terminate",
        description =
                "Aborts what a transactional id has open, in all partitions, and fences its producer: one that still"
                        + " runs must begin anew.",
        mixinStandardHelpOptions = true)
final class TransactionTerminateCommand implements Runnable {
    private static final String ONGOING = "Ongoing";

    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions cluster;

    @Parameters(paramLabel = "ID", description = "The transactional id.")
    private String transactionalId;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @SuppressWarnings("NullAway.Init") // picocli fills in the options
    TransactionTerminateCommand() {}

    @Override
    public void run() {
        try (ClusterClient client = cluster.open()) {
            TransactionAdmin admin = client.admin().transactions();
            TransactionAdmin.Description found = TransactionCommand.describe(cluster, admin, transactionalId);
            if (!found.state().equals(ONGOING)) {
                throw new CommandFailedException(
                        transactionalId + " has nothing to abort: its state is " + found.state()
                                + (found.isOpen() ? ", so its coordinator is ending the transaction already" : ""));
            }
            cluster.await(admin.terminate(transactionalId));
            report(found);
        } catch (InterruptedException | TimeoutException e) {
            throw new CommandFailedException("aborting for " + transactionalId + ": " + e.getMessage(), e);
        }
    }

    private void report(TransactionAdmin.Description ended) {
        PrintWriter out = spec.commandLine().getOut();
        if (!json) {
            out.println("Aborted the transaction of " + transactionalId + " in "
                    + ended.partitions().size() + " partition(s)");
            return;
        }
        var printed = new LinkedHashMap<String, Object>();
        printed.put("transactionalId", transactionalId);
        printed.put("producerId", ended.producerId());
        printed.put("aborted", true);
        JsonOutput.print(out, printed);
    }
}
