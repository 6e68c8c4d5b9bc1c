package io.millrace.benchmarks.ecosystem;

import io.millrace.benchmarks.Peer;
import io.millrace.benchmarks.figures.Stopwatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A peer that runs, the clients made for it, and what it says that it holds. Any thread. */
final class Target implements AutoCloseable {
    private static final Duration ANSWER_MAX = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration CLOSE_MAX = Duration.ofSeconds(5);
    private static final long PAUSE_NANOS = Duration.ofMillis(20).toNanos();

    private final Peer peer;
    private final Peer.Running running;
    private final List<ProcessHandle> brokers;
    private final Admin admin;
    private final Set<String> prepared = new HashSet<>();

    Target(Peer peer, Peer.Running running) {
        this.peer = peer;
        this.running = running;
        this.brokers = running.brokers();
        this.admin = Admin.create(common());
    }

    String name() {
        return peer.name();
    }

    void checkAlive() {
        if (!brokers.stream().allMatch(ProcessHandle::isAlive)) {
            throw new IllegalStateException("a broker of " + name() + " has ended");
        }
    }

    Stopwatch start() {
        return new Stopwatch(this::cpu);
    }

    private Duration cpu() {
        return brokers.stream()
                .map(broker -> broker.info().totalCpuDuration().orElse(Duration.ZERO))
                .reduce(Duration.ZERO, Duration::plus);
    }

    private Map<String, Object> common() {
        Map<String, Object> common = new HashMap<>();
        common.put("bootstrap.servers", running.bootstrapServers());
        common.put("metric.reporters", ""); // hundreds of clients, whose beans nobody reads
        common.put("auto.include.jmx.reporter", "false");
        return common;
    }

    KafkaProducer<byte[], byte[]> producer(Map<String, Object> settings) {
        Map<String, Object> all = common();
        all.put("acks", "all");
        all.putAll(settings);
        return new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
    }

    KafkaConsumer<byte[], byte[]> consumer(Map<String, Object> settings) {
        Map<String, Object> all = common();
        all.put("auto.offset.reset", "earliest");
        all.put("enable.auto.commit", "false");
        all.putAll(settings);
        return new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /** Creates the topic and returns its name when all of its partitions can be written. */
    String createTopic(String topic, int partitions) throws InterruptedException {
        get(
                admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
                        .all(),
                "creating " + topic);
        long deadline = System.nanoTime() + ANSWER_MAX.toNanos();
        while (leaders(topic) < partitions) {
            if (System.nanoTime() - deadline > 0) {
                throw new IllegalStateException(
                        topic + " has no leaders for all of its " + partitions + " partitions after " + ANSWER_MAX);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        // A leader may be known before it leads. An idempotent producer whose first batch came too early, and the
        // second not, would try in vain until its time is up.
        endOffsets(topic, partitions, IsolationLevel.READ_UNCOMMITTED);
        return topic;
    }

    private long leaders(String topic) throws InterruptedException {
        try {
            return get(admin.describeTopics(List.of(topic)).allTopicNames(), "describing " + topic)
                    .get(topic)
                    .partitions()
                    .stream()
                    .filter(partition ->
                            partition.leader() != null && !partition.leader().isEmpty())
                    .count();
        } catch (IllegalStateException e) {
            if (e.getCause() instanceof ExecutionException) { // not known yet
                return 0;
            }
            throw e;
        }
    }

    /** Whether this has not been asked before of this peer. */
    synchronized boolean isFirst(String what) {
        return prepared.add(what);
    }

    static List<TopicPartition> partitions(String topic, int count) {
        return IntStream.range(0, count)
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .toList();
    }

    Map<TopicPartition, Long> endOffsets(String topic, int partitions, IsolationLevel isolation)
            throws InterruptedException {
        return offsets(topic, partitions, OffsetSpec.latest(), isolation);
    }

    private Map<TopicPartition, Long> offsets(String topic, int partitions, OffsetSpec spec, IsolationLevel isolation)
            throws InterruptedException {
        Map<TopicPartition, OffsetSpec> asked = partitions(topic, partitions).stream()
                .collect(Collectors.toMap(Function.identity(), partition -> spec));
        return get(admin.listOffsets(asked, new ListOffsetsOptions(isolation)).all(), "asking for offsets of " + topic)
                .entrySet()
                .stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().offset()));
    }

    /** Throws where the topic, written without transactions, does not hold exactly so many records. */
    void checkRecords(String topic, int partitions, long expected) throws InterruptedException {
        long held = endOffsets(topic, partitions, IsolationLevel.READ_UNCOMMITTED).values().stream()
                .mapToLong(Long::longValue)
                .sum();
        if (held != expected) {
            throw new IllegalStateException(expected + " records were acknowledged, but " + topic + " holds " + held);
        }
    }

    /** Reads the first records of the topic, at most so many. */
    List<ConsumerRecord<byte[], byte[]>> sample(String topic, int partitions, int count) {
        List<ConsumerRecord<byte[], byte[]>> read = new ArrayList<>();
        try (var consumer = consumer(Map.of())) {
            consumer.assign(partitions(topic, partitions));
            long deadline = System.nanoTime() + ANSWER_MAX.toNanos();
            while (read.size() < count && System.nanoTime() - deadline < 0) {
                consumer.poll(POLL).forEach(read::add);
            }
        }
        return read;
    }

    /** How many records of the topic a consumer sees that reads only what is committed, once no transaction is open. */
    long committedRecords(String topic, int partitions) throws InterruptedException {
        Map<TopicPartition, Long> ends = endOffsets(topic, partitions, IsolationLevel.READ_UNCOMMITTED);
        long count = 0;
        try (var consumer = consumer(Map.of("isolation.level", "read_committed"))) {
            consumer.assign(ends.keySet());
            consumer.seekToBeginning(ends.keySet());
            long deadline = System.nanoTime() + ANSWER_MAX.toNanos();
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                if (System.nanoTime() - deadline > 0) {
                    throw new IllegalStateException("reading " + topic + " to its end took more than " + ANSWER_MAX);
                }
                count += consumer.poll(POLL).count();
            }
        }
        return count;
    }

    Map<TopicPartition, OffsetAndMetadata> committedOffsets(String group) throws InterruptedException {
        return get(
                admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata(),
                "asking for the committed offsets of " + group);
    }

    /** Throws where the peer does not see so many members, who have so many partitions. */
    void checkGroup(String group, int members, int partitions) throws InterruptedException {
        var described = get(admin.describeConsumerGroups(List.of(group)).all(), "describing the group " + group)
                .get(group)
                .members();
        int assigned = described.stream()
                .map(MemberDescription::assignment)
                .mapToInt(assignment -> assignment.topicPartitions().size())
                .sum();
        if (described.size() != members || assigned != partitions) {
            throw new IllegalStateException("the group " + group + " should have " + members + " members with "
                    + partitions + " partitions; the broker says " + described.size() + " with " + assigned);
        }
    }

    private static <T> T get(Future<T> future, String what) throws InterruptedException {
        try {
            return future.get(ANSWER_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(what + " failed: " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new IllegalStateException(what + " was not answered within " + ANSWER_MAX, e);
        }
    }

    @Override
    public void close() {
        admin.close(CLOSE_MAX);
        running.close();
    }
}
