package io.millrace.benchmarks;

import io.millrace.testkit.Wait;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * What the figures ask of a cluster, with kafka-clients. It looks again after 20 ms, so that what is measured is the broker's time and not the
 * client's.
 *
 * <p>Owned by one thread.
 */
final class FigureClient implements AutoCloseable {
    private static final Duration ANSWER_MAX = Duration.ofSeconds(120);
    private static final Duration CLOSE_MAX = Duration.ofSeconds(5);
    private static final int LEARNERS = 50;
    private static final int VALUE_BYTES = 100;

    private final Admin admin;
    private final KafkaProducer<byte[], byte[]> producer;

    FigureClient(String bootstrapServers) {
        Map<String, Object> common = new HashMap<>();
        common.put("bootstrap.servers", bootstrapServers);
        common.put("reconnect.backoff.ms", 20);
        common.put("reconnect.backoff.max.ms", 20);
        common.put("retry.backoff.ms", 20);
        common.put("retry.backoff.max.ms", 20);
        admin = Admin.create(common);
        Map<String, Object> producing = new HashMap<>(common);
        producing.put("acks", "all");
        producing.put("max.block.ms", ANSWER_MAX.toMillis());
        producer = new KafkaProducer<>(producing, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Waits until so many brokers are there and one is the controller. */
    void awaitBrokers(int count) {
        Wait.until(count + " brokers and a controller", ANSWER_MAX, () -> {
            var cluster = admin.describeCluster();
            return get(cluster.nodes()).size() == count && controllerOf(cluster.controller()) >= 0;
        });
    }

    private static int controllerOf(KafkaFuture<Node> controller) {
        var node = get(controller);
        return node == null ? -1 : node.id();
    }

    int controllerId() {
        return controllerOf(admin.describeCluster().controller());
    }

    void createTopic(String name, int partitions, int replicationFactor) {
        createTopics(List.of(new NewTopic(name, partitions, (short) replicationFactor)));
    }

    /** Creates a topic in a cluster that has just started, and may not use all of its brokers yet. */
    void createFirstTopic(String name, int partitions, int replicationFactor) {
        Wait.until("a topic with " + replicationFactor + " replicas can be created", ANSWER_MAX, () -> {
            try {
                get(admin.createTopics(List.of(new NewTopic(name, partitions, (short) replicationFactor)))
                        .all());
                return true;
            } catch (IllegalStateException e) {
                if (e.getCause() != null && e.getCause().getCause() instanceof InvalidReplicationFactorException) {
                    return false;
                }
                throw e;
            }
        });
    }

    /** Creates the topics with one request. */
    void createTopics(List<NewTopic> topics) {
        get(admin.createTopics(topics).all());
    }

    List<TopicPartitionInfo> describe(String topic) {
        return get(admin.describeTopics(List.of(topic)).allTopicNames())
                .get(topic)
                .partitions();
    }

    void awaitInSync(String topic, int replicas) {
        Wait.until("every replica of " + topic + " is in sync", ANSWER_MAX, () -> describe(topic).stream()
                .allMatch(partition -> partition.leader() != null
                        && partition.leader().id() >= 0
                        && partition.isr().size() == replicas));
    }

    /** Sends to every partition of the topics, and returns when all have acknowledged with acks=all. */
    void produceToAll(List<String> topics, int partitions, int times) {
        learn(topics);
        var sent = new ArrayList<Future<RecordMetadata>>();
        for (int time = 0; time < times; time++) {
            for (String topic : topics) {
                for (int partition = 0; partition < partitions; partition++) {
                    sent.add(producer.send(new ProducerRecord<>(topic, partition, null, new byte[VALUE_BYTES])));
                }
            }
        }
        producer.flush();
        sent.forEach(FigureClient::get);
    }

    /** Has the producer ask for many topics at a time; by itself it asks for one after the other. */
    private void learn(List<String> topics) {
        ExecutorService threads = Executors.newFixedThreadPool(Math.min(LEARNERS, topics.size()));
        try {
            List<? extends Future<?>> learning = topics.stream()
                    .map(topic -> threads.submit(() -> producer.partitionsFor(topic)))
                    .toList();
            learning.forEach(FigureClient::get);
        } finally {
            threads.shutdown();
        }
    }

    private static <T> T get(Future<T> future) {
        try {
            return future.get(ANSWER_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for a broker", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("a broker did not do what it was asked within " + ANSWER_MAX, e);
        }
    }

    @Override
    public void close() {
        producer.close(CLOSE_MAX);
        admin.close(CLOSE_MAX);
    }
}
