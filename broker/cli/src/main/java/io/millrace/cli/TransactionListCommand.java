package io.millrace.cli;

import io.millrace.client.ClusterClient;
import io.millrace.client.TransactionAdmin;
import io.millrace.client.TransactionAdmin.Filter;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists transactional ids and how far their transactions are. */
@Command(
        name = "list",
        description = "Lists transactional ids and how far their transactions are.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  millrace transaction list --state Ongoing --older-than 10m"})
final class TransactionListCommand implements Runnable {
    private static final List<String> STATES =
            List.of("Empty", "Ongoing", "PrepareCommit", "PrepareAbort", "CompleteCommit", "CompleteAbort", "Dead");

    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions cluster;

    @Option(
            names = "--state",
            split = ",",
            description = "Only these states: Empty, Ongoing, PrepareCommit, PrepareAbort, CompleteCommit,"
                    + " CompleteAbort.")
    private List<String> states = List.of();

    @Option(names = "--producer-id", paramLabel = "ID", split = ",", description = "Only these producers.")
    private List<Long> producerIds = List.of();

    @Option(
            names = "--older-than",
            paramLabel = "DURATION",
            converter = DurationText.Converter.class,
            description = "Only transactions that have been open for longer, such as 10m.")
    private @Nullable Duration olderThan;

    @Option(
            names = "--id-pattern",
            paramLabel = "REGEX",
            defaultValue = "",
            description = "Only transactional ids that match as a whole.")
    private String idPattern = "";

    @Option(names = "--json", description = "Print JSON, a transactional id a line.")
    private boolean json;

    @SuppressWarnings("NullAway.Init") // picocli fills in the options
    TransactionListCommand() {}

    @Override
    public void run() {
        var filter = new Filter(
                states.stream().map(TransactionListCommand::asBrokersWriteIt).toList(),
                producerIds,
                olderThan == null ? Filter.ALL.olderThanMs() : olderThan.toMillis(),
                idPattern);
        PrintWriter out = spec.commandLine().getOut();
        try (ClusterClient client = cluster.open()) {
            List<TransactionAdmin.Listing> transactions =
                    cluster.await(client.admin().transactions().list(filter)).stream()
                            .sorted(Comparator.comparing(TransactionAdmin.Listing::transactionalId))
                            .toList();
            if (json) {
                transactions.forEach(transaction -> JsonOutput.print(out, transaction));
                return;
            }
            var table = new TextTable("TRANSACTIONAL ID", "PRODUCER", "STATE", "COORDINATOR");
            transactions.forEach(
                    each -> table.row(each.transactionalId(), each.producerId(), each.state(), each.coordinatorId()));
            if (!table.isEmpty()) {
                table.print(out);
            }
        } catch (InterruptedException | TimeoutException e) {
            throw new CommandFailedException("listing transactions: " + e.getMessage(), e);
        }
    }

    /** A state that there is not is left to the brokers, which name it. */
    private static String asBrokersWriteIt(String state) {
        return STATES.stream().filter(state::equalsIgnoreCase).findAny().orElse(state);
    }
}
