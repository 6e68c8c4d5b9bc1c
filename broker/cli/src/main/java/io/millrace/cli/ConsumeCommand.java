package io.millrace.cli;

import io.millrace.client.AcknowledgeType;
import io.millrace.client.ClusterClient;
import io.millrace.client.ConsumerConfiguration;
import io.millrace.client.ConsumerRecord;
import io.millrace.client.DestinationDescription;
import io.millrace.client.DestinationKind;
import io.millrace.client.QueueConsumer;
import io.millrace.client.QueueConsumerConfiguration;
import io.millrace.client.QueueMessage;
import io.millrace.client.TopicConsumer;
import io.millrace.client.TopicPartition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the records of a topic, or takes the messages of a queue and prints them. */
@Command(
        name = "consume",
        description = {
            "Prints what is in a topic or queue, and what arrives.",
            "Messages of a queue are acknowledged as they are printed."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  millrace consume greetings --from beginning --max 10 --json"})
final class ConsumeCommand implements Runnable {
    private static final Duration POLL = Duration.ofMillis(200);

    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions cluster;

    @Parameters(paramLabel = "DESTINATION", description = "The topic or queue.")
    private String destination;

    @Option(
            names = "--from",
            paramLabel = "WHERE",
            defaultValue = "end",
            converter = StartAt.Converter.class,
            description =
                    "beginning, end, an offset, an instant, or a time ago such as -10m (topics only). Default: end.")
    private StartAt from;

    @Option(names = "--partition", description = "Read only this partition (topics only).")
    private @Nullable Integer partition;

    @Option(
            names = {"-n", "--max"},
            description = "Stop after so many records.")
    private long recordsMax = Long.MAX_VALUE;

    @Option(names = "--idle", paramLabel = "SECONDS", description = "Stop when nothing came for so long.")
    private @Nullable Integer idleSeconds;

    @Option(
            names = {"-k", "--key-separator"},
            description = "Print the key and this before the value.")
    private @Nullable String keySeparator;

    @Option(names = "--json", description = "Print JSON, a record a line, with offset, time, key and headers.")
    private boolean json;

    @SuppressWarnings("NullAway.Init") // picocli fills in the options
    ConsumeCommand() {}

    @Override
    public void run() {
        try (ClusterClient client = cluster.open()) {
            DestinationDescription found =
                    cluster.await(client.admin().describe(List.of(destination))).get(destination);
            if (found == null) {
                throw new CommandFailedException(
                        "there is no destination named " + destination + "; millrace topic list shows what there is");
            }
            if (found.kind() == DestinationKind.QUEUE) {
                consumeQueue(client);
            } else {
                consumeTopic(client, found);
            }
        } catch (TimeoutException e) {
            throw new CommandFailedException("consuming " + destination + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void consumeQueue(ClusterClient client) throws InterruptedException, TimeoutException {
        int prefetch = (int) Math.max(
                1, Math.min(recordsMax, QueueConsumerConfiguration.defaults().prefetch()));
        try (QueueConsumer consumer = client.newQueueConsumer(
                destination, QueueConsumerConfiguration.defaults().withPrefetch(prefetch))) {
            var idle = new Idle();
            for (long count = 0; count < recordsMax && !idle.isOver(); ) {
                QueueMessage message = consumer.receive(POLL);
                if (message != null) {
                    print(RecordView.of(message));
                    cluster.await(consumer.acknowledge(List.of(message), AcknowledgeType.ACCEPT));
                    count++;
                    idle.restart();
                }
            }
        }
    }

    private void consumeTopic(ClusterClient client, DestinationDescription topic)
            throws InterruptedException, TimeoutException {
        List<TopicPartition> partitions = topic.partitions().stream()
                .map(DestinationDescription.Partition::partition)
                .filter(index -> partition == null || partition.equals(index))
                .map(index -> new TopicPartition(destination, index))
                .toList();
        if (partitions.isEmpty()) {
            throw new CommandFailedException(destination + " has no partition " + partition + "; it has 0 to "
                    + (topic.partitions().size() - 1));
        }
        try (TopicConsumer consumer = client.newConsumer(ConsumerConfiguration.defaults())) {
            Map<TopicPartition, Long> start = start(consumer, partitions);
            consumer.assign(partitions);
            start.forEach(consumer::seek);
            var idle = new Idle();
            for (long count = 0; count < recordsMax && !idle.isOver(); ) {
                for (ConsumerRecord record : consumer.poll(POLL)) {
                    if (count < recordsMax) {
                        print(RecordView.of(record));
                        count++;
                    }
                    idle.restart();
                }
            }
        }
    }

    private Map<TopicPartition, Long> start(TopicConsumer consumer, List<TopicPartition> partitions)
            throws InterruptedException, TimeoutException {
        if (from instanceof StartAt.Beginning) {
            return cluster.await(consumer.beginningOffsets(partitions));
        }
        if (from instanceof StartAt.Offset at) {
            return partitions.stream().collect(Collectors.toMap(Function.identity(), each -> at.offset()));
        }
        Map<TopicPartition, Long> ends = cluster.await(consumer.endOffsets(partitions));
        if (from instanceof StartAt.Time time) {
            long timestampMs = time.instant().toEpochMilli();
            Map<TopicPartition, Long> found = cluster.await(consumer.offsetsForTimes(
                    partitions.stream().collect(Collectors.toMap(Function.identity(), each -> timestampMs))));
            return partitions.stream()
                    .collect(Collectors.toMap(Function.identity(), each -> found.getOrDefault(each, ends.get(each))));
        }
        return ends;
    }

    private void print(RecordView record) {
        var out = spec.commandLine().getOut();
        if (json) {
            JsonOutput.print(out, record);
        } else {
            out.println(record.line(keySeparator));
        }
        if (out.checkError()) { // flushes; an error means that nobody reads on
            throw new CommandFailedException("standard output was closed");
        }
    }

    /** How long nothing came. */
    private final class Idle {
        private Instant since = Instant.now();

        void restart() {
            since = Instant.now();
        }

        boolean isOver() {
            return idleSeconds != null && since.plusSeconds(idleSeconds).isBefore(Instant.now());
        }
    }
}
