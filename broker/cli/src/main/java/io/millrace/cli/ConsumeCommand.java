package io.millrace.cli;

import io.millrace.client.AcknowledgeType;
import io.millrace.client.ClusterClient;
import io.millrace.client.ConsumerConfiguration;
import io.millrace.client.ConsumerConfiguration.Isolation;
import io.millrace.client.ConsumerRecord;
import io.millrace.client.DestinationDescription;
import io.millrace.client.DestinationKind;
import io.millrace.client.GroupConsumer;
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
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Reads a topic, or takes the messages of a queue, and prints what comes. */
@Command(
        name = "consume",
        description = {
            "Prints what is in a topic or queue, and what arrives.",
            "With --group, as a member of that group: it shares the partitions with the other members, goes on where the"
                    + " group has committed, and commits what it has printed.",
            "Messages of a queue are acknowledged as they are printed."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  millrace consume greetings --from beginning --max 10 --json",
            "  millrace consume greetings --from -1h --until-end --format '%%p:%%o %%k=%%s\\n'",
            "  millrace consume greetings --group readers --from beginning"
        })
final class ConsumeCommand implements Runnable {
    private static final Duration POLL = Duration.ofMillis(200);

    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions cluster;

    @Mixin
    private RecordOutput output;

    @Parameters(paramLabel = "DESTINATION", description = "The topic or queue.")
    private String destination;

    @Option(
            names = "--from",
            paramLabel = "WHERE",
            converter = StartAt.Converter.class,
            description = "beginning, end, an offset, an instant, @ and milliseconds since 1970, or a time ago such as"
                    + " -10m (topics only). With --group: where it has committed nothing. Default: end.")
    private @Nullable StartAt from;

    @Option(
            names = "--partition",
            paramLabel = "P",
            split = ",",
            description = "Read only these partitions (topics only).")
    private List<Integer> partitions = List.of();

    @Option(
            names = {"-g", "--group"},
            paramLabel = "GROUP",
            description = "Read as a member of this group (topics only).")
    private @Nullable String groupId;

    @Option(
            names = "--isolation",
            paramLabel = "LEVEL",
            converter = IsolationConverter.class,
            description = "read_uncommitted, or read_committed to leave out what open and aborted transactions wrote"
                    + " (topics only). Default: read_uncommitted.")
    private @Nullable Isolation isolation;

    @Option(
            names = {"-n", "--max", "--max-messages"},
            paramLabel = "N",
            description = "Stop after so many records.")
    private long recordsMax = Long.MAX_VALUE;

    @Option(names = "--idle", paramLabel = "SECONDS", description = "Stop when nothing came for so long.")
    private @Nullable Integer idleSeconds;

    @Option(
            names = {"-e", "--until-end"},
            description = "Stop behind what is there now (topics without --group).")
    private boolean untilEnd;

    private long count;
    private Instant lastAt = Instant.now();

    @SuppressWarnings("NullAway.Init") // picocli fills in the options
    ConsumeCommand() {}

    /** Reads Kafka's names of the levels. */
    static final class IsolationConverter implements ITypeConverter<Isolation> {
        @Override
        public Isolation convert(String value) {
            return switch (value) {
                case "read_uncommitted" -> Isolation.READ_UNCOMMITTED;
                case "read_committed" -> Isolation.READ_COMMITTED;
                default ->
                    throw new TypeConversionException(
                            "'" + value + "' is no level of isolation; use read_uncommitted or read_committed");
            };
        }
    }

    @Override
    public void run() {
        checkOptions();
        try (var stop = new StopSignal();
                ClusterClient client = cluster.open()) {
            DestinationDescription found = cluster.find(client, destination);
            if (found == null) {
                throw new CommandFailedException(
                        "there is no destination named " + destination + "; millrace topic list shows what there is");
            }
            if (found.kind() == DestinationKind.QUEUE) {
                consumeQueue(client, stop);
            } else if (groupId != null) {
                consumeAsMember(client, groupId, stop);
            } else {
                consumeTopic(client, found, stop);
            }
        } catch (TimeoutException e) {
            throw new CommandFailedException("consuming " + destination + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void checkOptions() {
        if (recordsMax < 1) {
            throw new ParameterException(spec.commandLine(), "--max " + recordsMax + " is too few; the least is 1");
        }
        if (groupId != null && (!partitions.isEmpty() || untilEnd)) {
            throw new ParameterException(
                    spec.commandLine(), "--group decides itself what is read; leave out --partition and --until-end");
        }
        if (groupId != null && from instanceof StartAt.Offset) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--group starts each partition anew, for which one offset makes no sense; use --from beginning, end or a time");
        }
    }

    private void consumeQueue(ClusterClient client, StopSignal stop) throws InterruptedException, TimeoutException {
        boolean isForTopics = from != null || !partitions.isEmpty() || groupId != null || isolation != null || untilEnd;
        if (isForTopics) {
            throw new CommandFailedException(destination
                    + " is a queue: it gives each message to one consumer, so --from, --partition, --group, --isolation"
                    + " and --until-end mean nothing for it");
        }
        int prefetch = (int) Math.max(
                1, Math.min(recordsMax, QueueConsumerConfiguration.defaults().prefetch()));
        try (QueueConsumer consumer = client.newQueueConsumer(
                destination, QueueConsumerConfiguration.defaults().withPrefetch(prefetch))) {
            while (goesOn(stop)) {
                QueueMessage message = consumer.receive(POLL);
                if (message != null) {
                    print(ReadRecord.of(message));
                    cluster.await(consumer.acknowledge(List.of(message), AcknowledgeType.ACCEPT));
                }
            }
        }
    }

    private void consumeTopic(ClusterClient client, DestinationDescription topic, StopSignal stop)
            throws InterruptedException, TimeoutException {
        List<TopicPartition> wanted = TopicSelection.partitionsOf(
                List.of(new TopicSelection(destination, partitions)), Map.of(destination, topic));
        TopicConsumer consumer = client.newConsumer(fetching());
        try (var offsets = new PartitionOffsets(cluster, consumer)) {
            Map<TopicPartition, Long> start = offsets.of(startAt(), wanted);
            Map<TopicPartition, Long> ends = untilEnd ? offsets.ends(wanted) : Map.of();
            consumer.assign(wanted);
            start.forEach(consumer::seek);
            while (goesOn(stop) && !(untilEnd && hasReached(consumer, ends))) {
                for (ConsumerRecord record : consumer.poll(POLL)) {
                    boolean isBehindTheEnd =
                            untilEnd && record.offset() >= ends.getOrDefault(record.partition(), Long.MAX_VALUE);
                    if (count < recordsMax && !isBehindTheEnd) {
                        print(ReadRecord.of(record));
                    }
                }
            }
        }
    }

    private static boolean hasReached(TopicConsumer consumer, Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    private void consumeAsMember(ClusterClient client, String group, StopSignal stop) {
        var subscription = new GroupConsumer.Subscription(group, List.of(destination), startMs(), fetching());
        try (GroupConsumer consumer = client.newGroupConsumer(subscription)) {
            while (goesOn(stop)) {
                for (ConsumerRecord record : consumer.poll(POLL)) {
                    if (count < recordsMax && !stop.isGiven()) {
                        print(ReadRecord.of(record));
                        consumer.processed(record);
                    }
                }
            }
        }
    }

    private StartAt startAt() {
        return from == null ? new StartAt.End() : from;
    }

    private long startMs() {
        if (from instanceof StartAt.Time time) {
            return time.instant().toEpochMilli();
        }
        return from instanceof StartAt.Beginning
                ? GroupConsumer.Subscription.BEGINNING
                : GroupConsumer.Subscription.END;
    }

    private ConsumerConfiguration fetching() {
        return isolation == null
                ? ConsumerConfiguration.defaults()
                : ConsumerConfiguration.defaults().withIsolation(isolation);
    }

    private boolean goesOn(StopSignal stop) {
        boolean isIdle = idleSeconds != null && lastAt.plusSeconds(idleSeconds).isBefore(Instant.now());
        boolean isToEnd = stop.isGiven() || Thread.currentThread().isInterrupted();
        return count < recordsMax && !isIdle && !isToEnd;
    }

    private void print(ReadRecord record) {
        output.print(record);
        count++;
        lastAt = Instant.now();
    }
}
