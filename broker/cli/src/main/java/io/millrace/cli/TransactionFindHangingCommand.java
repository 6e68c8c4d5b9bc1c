package io.millrace.cli;

import io.millrace.client.ClusterClient;
import io.millrace.client.DestinationDescription;
import io.millrace.client.TopicPartition;
import io.millrace.client.TransactionAdmin.ActiveProducer;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Finds transactions that partitions have open and no coordinator knows. */
@Command(
        name = "find-hanging",
        description = {
            "Finds transactions that partitions have open and no coordinator knows, so that nobody ends them.",
            "Consumers of committed records stand still before them until they are aborted with millrace transaction"
                    + " abort."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  millrace transaction find-hanging --topic orders --older-than 20m"})
final class TransactionFindHangingCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions cluster;

    @Option(
            names = "--topic",
            paramLabel = "TOPIC[:P,...]",
            converter = TopicSelection.Converter.class,
            description = "Only in this topic, or some of its partitions; may be given several times. Default: all.")
    private List<TopicSelection> topics = List.of();

    @Option(
            names = "--older-than",
            paramLabel = "DURATION",
            defaultValue = "15m",
            converter = DurationText.Converter.class,
            description = "Only where the producer has written nothing for longer. Default: ${DEFAULT-VALUE}, as long"
                    + " as brokers let a transaction be open by default (transaction.max.timeout.ms).")
    private Duration olderThan;

    @Option(names = "--json", description = "Print JSON, a transaction a line.")
    private boolean json;

    @SuppressWarnings("NullAway.Init") // picocli fills in the options
    TransactionFindHangingCommand() {}

    /** A transaction in JSON. */
    record HangingView(
            String topic,
            int partition,
            long startOffset,
            long producerId,
            int producerEpoch,
            int coordinatorEpoch,
            String lastTime) {

        static HangingView of(ActiveProducer producer) {
            return new HangingView(
                    producer.partition().topic(),
                    producer.partition().partition(),
                    producer.transactionStart(),
                    producer.producerId(),
                    producer.producerEpoch(),
                    producer.coordinatorEpoch(),
                    Instant.ofEpochMilli(producer.lastTimestampMs()).toString());
        }
    }

    @Override
    public void run() {
        try (ClusterClient client = cluster.open()) {
            var transactions = new OpenTransactions(cluster, client.admin().transactions());
            long writtenBeforeMs = Instant.now().minus(olderThan).toEpochMilli();
            List<ActiveProducer> old = transactions.in(partitions(client)).stream()
                    .filter(producer -> producer.lastTimestampMs() < writtenBeforeMs)
                    .toList();
            print(transactions.hanging(old));
        } catch (InterruptedException | TimeoutException e) {
            throw new CommandFailedException("looking for hanging transactions: " + e.getMessage(), e);
        }
    }

    private List<TopicPartition> partitions(ClusterClient client) throws InterruptedException, TimeoutException {
        List<DestinationDescription> all = cluster.await(client.admin().list());
        Map<String, DestinationDescription> byName =
                all.stream().collect(Collectors.toMap(DestinationDescription::name, Function.identity()));
        List<TopicSelection> wanted = topics.isEmpty()
                ? all.stream()
                        .map(each -> new TopicSelection(each.name(), List.of()))
                        .sorted(Comparator.comparing(TopicSelection::topic))
                        .toList()
                : topics;
        List<TopicPartition> selected = TopicSelection.partitionsOf(wanted, byName);
        List<TopicPartition> answering = PartitionOffsets.answering(selected, byName);
        if (answering.size() < selected.size()) {
            PrintWriter err = spec.commandLine().getErr();
            err.println((selected.size() - answering.size())
                    + " partition(s) have no leader and were not looked at; millrace cluster health shows them");
            err.flush();
        }
        return answering;
    }

    private void print(List<ActiveProducer> hanging) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            hanging.forEach(producer -> JsonOutput.print(out, HangingView.of(producer)));
            return;
        }
        var table = new TextTable("TOPIC", "PARTITION", "START OFFSET", "PRODUCER", "EPOCH", "LAST WRITTEN");
        hanging.forEach(producer -> table.row(
                producer.partition().topic(),
                producer.partition().partition(),
                producer.transactionStart(),
                producer.producerId(),
                producer.producerEpoch(),
                Instant.ofEpochMilli(producer.lastTimestampMs())));
        if (!table.isEmpty()) {
            table.print(out);
        }
    }
}
