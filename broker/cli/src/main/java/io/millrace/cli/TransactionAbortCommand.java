package io.millrace.cli;

import io.millrace.client.ClusterClient;
import io.millrace.client.TopicPartition;
import io.millrace.client.TransactionAdmin;
import io.millrace.client.TransactionAdmin.ActiveProducer;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Aborts a transaction in a partition whose coordinator does not know it. */
@Command(
        name = "abort",
        description = {
            "Aborts a transaction that hangs in a partition, as millrace transaction find-hanging shows it.",
            "One that its coordinator still knows is refused: the coordinator ends it in all its partitions, at once with"
                    + " millrace transaction terminate."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  millrace transaction abort --topic orders --partition 3 --start-offset 1207"})
final class TransactionAbortCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions cluster;

    @Option(names = "--topic", required = true, paramLabel = "TOPIC", description = "The topic.")
    private String topic;

    @Option(names = "--partition", required = true, paramLabel = "P", description = "The partition.")
    private int partition;

    @Option(
            names = "--start-offset",
            required = true,
            paramLabel = "OFFSET",
            description = "Where the transaction begins in the partition.")
    private long startOffset;

    @Option(names = "--json", description = "Print JSON.")
    private boolean json;

    @SuppressWarnings("NullAway.Init") // picocli fills in the options
    TransactionAbortCommand() {}

    @Override
    public void run() {
        try (ClusterClient client = cluster.open()) {
            TopicPartition target = target(client);
            TransactionAdmin admin = client.admin().transactions();
            var transactions = new OpenTransactions(cluster, admin);
            ActiveProducer producer = beginningThere(transactions.in(List.of(target)), target);
            refuseUnlessHanging(transactions, producer);
            cluster.await(admin.abort(producer));
            report(producer);
        } catch (InterruptedException | TimeoutException e) {
            throw new CommandFailedException(
                    "aborting a transaction in " + topic + "-" + partition + ": " + e.getMessage(), e);
        }
    }

    private TopicPartition target(ClusterClient client) throws InterruptedException, TimeoutException {
        var selection = new TopicSelection(topic, List.of(partition));
        var found = cluster.await(client.admin().describe(List.of(topic)));
        return TopicSelection.partitionsOf(List.of(selection), found).get(0);
    }

    private ActiveProducer beginningThere(List<ActiveProducer> open, TopicPartition target) {
        return open.stream()
                .filter(producer -> producer.transactionStart() == startOffset)
                .findAny()
                .orElseThrow(() -> new CommandFailedException("no transaction is open in " + target
                        + " that begins at offset " + startOffset
                        + (open.isEmpty() ? "; none is open there" : "; open there are those at " + starts(open))));
    }

    private static String starts(List<ActiveProducer> open) {
        return open.stream()
                .map(producer -> producer.transactionStart() + " (producer " + producer.producerId() + ")")
                .sorted()
                .collect(Collectors.joining(", "));
    }

    private static void refuseUnlessHanging(OpenTransactions transactions, ActiveProducer producer)
            throws InterruptedException, TimeoutException {
        var known = transactions.known(List.of(producer));
        OpenTransactions.ending(producer, known).ifPresent(ending -> {
            throw new CommandFailedException(
                    "broker " + ending.coordinatorId() + " knows this transaction: it is that of "
                            + ending.transactionalId() + ", " + ending.state() + ", and is ended after "
                            + DurationText.of(ending.timeoutMs()) + " at the latest; millrace transaction terminate "
                            + ending.transactionalId() + " ends it now, in all its partitions");
        });
        if (transactions.hanging(List.of(producer)).isEmpty()) {
            throw new CommandFailedException("the transaction of producer " + producer.producerId() + " in "
                    + producer.partition() + " has just ended");
        }
    }

    private void report(ActiveProducer producer) {
        PrintWriter out = spec.commandLine().getOut();
        if (!json) {
            out.println("Aborted the transaction of producer " + producer.producerId() + " that began at offset "
                    + startOffset + " of " + producer.partition());
            return;
        }
        var printed = new LinkedHashMap<String, Object>();
        printed.put("topic", topic);
        printed.put("partition", partition);
        printed.put("startOffset", startOffset);
        printed.put("producerId", producer.producerId());
        printed.put("producerEpoch", producer.producerEpoch());
        printed.put("aborted", true);
        JsonOutput.print(out, printed);
    }
}
