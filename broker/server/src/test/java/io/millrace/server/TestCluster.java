package io.millrace.server;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.network.Connection;
import io.millrace.client.network.EventLoops;
import io.millrace.metadata.zookeeper.TestZooKeeper;
import io.millrace.protocol.message.MetadataRequest;
import io.millrace.protocol.message.MetadataResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A ZooKeeper and some brokers in this process, and clients of Kafka for them. Owned by the test's thread. */
final class TestCluster implements AutoCloseable {
    private final Path directory;
    private final Map<String, String> settings;
    private final TestZooKeeper zooKeeper;
    private final Map<Integer, Broker> brokers = new TreeMap<>();
    private final List<AutoCloseable> clients = new ArrayList<>();

    private TestCluster(Path directory, Map<String, String> settings) throws Exception {
        this.directory = directory;
        this.settings = settings;
        this.zooKeeper = TestZooKeeper.start(directory.resolve("zookeeper"));
    }

    static TestCluster start(Path directory, int count) throws Exception {
        return start(directory, count, Map.of());
    }

    static TestCluster start(Path directory, int count, Map<String, String> settings) throws Exception {
        var cluster = new TestCluster(directory, settings);
        for (int id = 1; id <= count; id++) {
            cluster.startBroker(id, count);
        }
        return cluster;
    }

    private Broker startBroker(int id, int count) {
        var all = new HashMap<String, String>();
        all.put("broker.id", Integer.toString(id));
        all.put("listeners", "127.0.0.1:0");
        all.put("zookeeper.connect", zooKeeper.connectString());
        all.put("zookeeper.session.timeout.ms", "4000");
        all.put("broker.heartbeat.interval.ms", "200");
        all.put("broker.session.timeout.ms", "2000");
        all.put("replica.lag.time.max.ms", "3000");
        all.put("default.replication.factor", Integer.toString(Math.min(count, 3)));
        all.put("min.insync.replicas", count >= 3 ? "2" : "1");
        all.put("log.dirs", directory.resolve("broker-" + id).toString());
        all.putAll(settings);
        Broker broker = Broker.start(BrokerConfiguration.of(all));
        brokers.put(id, broker);
        return broker;
    }

    TestZooKeeper zooKeeper() {
        return zooKeeper;
    }

    Broker broker(int id) {
        return brokers.get(id);
    }

    Collection<Broker> brokers() {
        return brokers.values();
    }

    void stop(int id) {
        brokers.remove(id).close();
    }

    void abort(int id) {
        brokers.remove(id).abort();
    }

    Broker restart(int id, int count) {
        return startBroker(id, count);
    }

    String bootstrapServers() {
        return brokers.values().stream()
                .map(broker -> "127.0.0.1:" + broker.port())
                .collect(Collectors.joining(","));
    }

    Admin admin() {
        return admin(Map.of());
    }

    Admin admin(Map<String, String> settings) {
        var all = new HashMap<String, String>(Map.of("default.api.timeout.ms", "20000", "request.timeout.ms", "5000"));
        all.putAll(settings);
        return keep(Admin.create(properties(all)));
    }

    void createTopic(String name, int partitions, int replicas) throws Exception {
        try (var admin = Admin.create(properties(Map.of()))) {
            admin.createTopics(List.of(new NewTopic(name, partitions, (short) replicas)))
                    .all()
                    .get(20, SECONDS);
        }
    }

    /** As {@link #createTopic}, and waits until every broker knows it: a client may ask any of them next. */
    void createTopicEverywhere(String name, int partitions, int replicas) throws Exception {
        createTopic(name, partitions, replicas);
        var loops = new EventLoops("test-cluster", 1);
        try {
            for (Broker broker : brokers.values()) {
                var connection = Connection.connect(
                                loops.group(), "127.0.0.1", broker.port(), "test", Duration.ofSeconds(5))
                        .get(10, SECONDS);
                waitUntil("broker " + broker.brokerId() + " knows " + name, () -> knows(connection, name));
            }
        } finally {
            loops.close(Duration.ofSeconds(5));
        }
    }

    private static boolean knows(Connection connection, String topic) throws Exception {
        var request =
                new MetadataRequest(List.of(new MetadataRequest.Topic(new UUID(0, 0), topic)), false, false, false);
        return connection.<MetadataResponse>send(request).get(10, SECONDS).topics().stream()
                .noneMatch(known -> known.errorCode().isError());
    }

    KafkaProducer<byte[], byte[]> producer(Map<String, String> extra) {
        return keep(new KafkaProducer<>(properties(extra), new ByteArraySerializer(), new ByteArraySerializer()));
    }

    KafkaConsumer<byte[], byte[]> consumer(Map<String, String> extra) {
        var all = new HashMap<String, String>();
        all.put("enable.auto.commit", "false");
        all.put("auto.offset.reset", "earliest");
        all.putAll(extra);
        return keep(new KafkaConsumer<>(properties(all), new ByteArrayDeserializer(), new ByteArrayDeserializer()));
    }

    /** Reads a topic from its beginning until so many records have come. */
    List<ConsumerRecord<byte[], byte[]>> readAll(String topic, int partitions, int count) {
        var records = new ArrayList<ConsumerRecord<byte[], byte[]>>();
        try (var consumer = new KafkaConsumer<>(
                properties(Map.of("enable.auto.commit", "false", "auto.offset.reset", "earliest")),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            var all = IntStream.range(0, partitions)
                    .mapToObj(index -> new TopicPartition(topic, index))
                    .toList();
            consumer.assign(all);
            consumer.seekToBeginning(all);
            long deadline = System.nanoTime() + SECONDS.toNanos(20);
            while (records.size() < count && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(200)).forEach(records::add);
            }
        }
        assertThat(records).as("records of %s", topic).hasSize(count);
        return records;
    }

    private Properties properties(Map<String, String> extra) {
        var properties = new Properties();
        properties.put("bootstrap.servers", bootstrapServers());
        properties.put("reconnect.backoff.max.ms", "200");
        properties.put("retry.backoff.max.ms", "200");
        properties.put("metadata.max.age.ms", "5000");
        properties.putAll(extra);
        return properties;
    }

    private <C extends AutoCloseable> C keep(C client) {
        clients.add(client);
        return client;
    }

    interface Condition {
        boolean holds() throws Exception;
    }

    static void waitUntil(String what, Condition condition) throws Exception {
        long deadline = System.nanoTime() + SECONDS.toNanos(20);
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as("waiting until %s", what).isLessThan(deadline);
            LockSupport.parkNanos(20_000_000);
        }
    }

    interface Assertion {
        void check() throws Exception;
    }

    /** A change is known at first to the broker that was asked for it, and the next question may go to another. */
    static void eventually(Assertion assertion) throws Exception {
        long deadline = System.nanoTime() + SECONDS.toNanos(20);
        while (true) {
            try {
                assertion.check();
                return;
            } catch (AssertionError e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
                LockSupport.parkNanos(20_000_000);
            }
        }
    }

    @Override
    public void close() throws Exception {
        for (AutoCloseable client : clients) {
            if (client instanceof KafkaProducer<?, ?> producer) {
                producer.close(Duration.ofMillis(100));
            } else {
                client.close();
            }
        }
        brokers.values().forEach(Broker::close);
        zooKeeper.close();
    }
}
