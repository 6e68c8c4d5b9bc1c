package io.millrace.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.client.ClusterClient;
import io.millrace.client.TopicPartition;
import io.millrace.client.TransactionAdmin.Description;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows what coordinators know of transactional ids. */
@Command(
        name = "describe",
        description = "Shows the state of transactional ids, since when a transaction is open, and its partitions.",
        mixinStandardHelpOptions = true)
final class TransactionDescribeCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions cluster;

    @Parameters(paramLabel = "ID", arity = "1..*", description = "The transactional ids.")
    private List<String> transactionalIds;

    @Option(names = "--json", description = "Print JSON, a transactional id a line.")
    private boolean json;

    @SuppressWarnings("NullAway.Init") // picocli fills in the options
    TransactionDescribeCommand() {}

    /**
     * A transactional id in JSON.
     *
     * @param start when its transaction began; absent where none is open
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record TransactionView(
            String transactionalId,
            String state,
            int coordinatorId,
            long producerId,
            short producerEpoch,
            long timeoutMs,
            @Nullable String start,
            Collection<TopicPartition> partitions) {

        static TransactionView of(Description transaction) {
            return new TransactionView(
                    transaction.transactionalId(),
                    transaction.state(),
                    transaction.coordinatorId(),
                    transaction.producerId(),
                    transaction.producerEpoch(),
                    transaction.timeoutMs(),
                    transaction.startMs() < 0
                            ? null
                            : Instant.ofEpochMilli(transaction.startMs()).toString(),
                    transaction.partitions());
        }
    }

    @Override
    public void run() {
        try (ClusterClient client = cluster.open()) {
            for (String id : transactionalIds) {
                print(TransactionCommand.describe(cluster, client.admin().transactions(), id));
            }
        } catch (InterruptedException | TimeoutException e) {
            throw new CommandFailedException("describing " + transactionalIds + ": " + e.getMessage(), e);
        }
    }

    private void print(Description transaction) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            JsonOutput.print(out, TransactionView.of(transaction));
            return;
        }
        out.println("transactional id " + transaction.transactionalId() + "  " + transaction.state() + "  coordinator "
                + transaction.coordinatorId() + "  producer " + transaction.producerId() + "  epoch "
                + transaction.producerEpoch() + "  timeout " + DurationText.of(transaction.timeoutMs())
                + (transaction.startMs() < 0 ? "" : "  open for " + age(transaction.startMs())));
        if (!transaction.partitions().isEmpty()) {
            out.println("  " + TopicSelection.text(transaction.partitions()));
        }
    }

    private static String age(long startMs) {
        Instant start = Instant.ofEpochMilli(startMs);
        return DurationText.of(Instant.now().toEpochMilli() - startMs) + ", since " + start;
    }
}
