package io.millrace.server;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterClientQuotasOptions;
import org.apache.kafka.clients.admin.CreatePartitionsOptions;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.DeleteTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.ThrottlingQuotaExceededException;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaAlteration.Op;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.apache.kafka.common.quota.ClientQuotaFilterComponent;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kafka's Admin sets quotas of one broker; its producer and consumer feel them. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class QuotaTest {
    private TestCluster cluster;
    private Admin admin;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        cluster = TestCluster.start(directory, 1, Map.of());
        admin = cluster.admin();
    }

    @AfterAll
    void stop() throws Exception {
        cluster.close();
    }

    @Test
    void quotasAreSetToldAndRemoved() throws Exception {
        var named = client("told");
        var byDefault = client(null);

        set(named, "producer_byte_rate", 1024.0);
        set(byDefault, "consumer_byte_rate", 2048.0);

        TestCluster.waitUntil(
                "both are told", () -> quotas(ClientQuotaFilter.all()).keySet().containsAll(List.of(named, byDefault)));
        assertThat(quotas(filter(ClientQuotaFilterComponent.ofEntity("client-id", "told"))))
                .isEqualTo(Map.of(named, Map.of("producer_byte_rate", 1024.0)));
        assertThat(quotas(filter(ClientQuotaFilterComponent.ofDefaultEntity("client-id"))))
                .isEqualTo(Map.of(byDefault, Map.of("consumer_byte_rate", 2048.0)));
        set(named, "producer_byte_rate", null);
        set(byDefault, "consumer_byte_rate", null);
        TestCluster.waitUntil(
                "none is told",
                () -> !quotas(ClientQuotaFilter.all()).containsKey(named)
                        && !quotas(ClientQuotaFilter.all()).containsKey(byDefault));
    }

    @Test
    void quotasThatMeanNothingAreRefused() {
        assertRefused(client("a"), "request_speed", 1.0, "not kept here");
        assertRefused(client("a"), "producer_byte_rate", -1.0, "above 0");
        assertRefused(new ClientQuotaEntity(Map.of("ip", "127.0.0.1")), "producer_byte_rate", 1.0, "one of");
    }

    private void assertRefused(ClientQuotaEntity entity, String key, double value, String why) {
        assertThatThrownBy(() -> set(entity, key, value))
                .hasCauseInstanceOf(InvalidRequestException.class)
                .hasMessageContaining(why);
    }

    @Test
    void aProducerThatWritesTooMuchIsToldToPause() throws Exception {
        cluster.createTopic("written", 1, 1);
        set(client("writer"), "producer_byte_rate", 10_000.0);
        TestCluster.waitUntil(
                "the quota is known", () -> quotas(ClientQuotaFilter.all()).containsKey(client("writer")));
        var producer = cluster.producer(Map.of("client.id", "writer", "acks", "all"));

        producer.send(new ProducerRecord<>("written", new byte[120_000])).get(10, SECONDS);

        assertThat(throttled(producer.metrics(), "produce-throttle-time-max")).isPositive();
        var other = cluster.producer(Map.of("client.id", "other", "acks", "all"));
        other.send(new ProducerRecord<>("written", new byte[120_000])).get(10, SECONDS);
        assertThat(throttled(other.metrics(), "produce-throttle-time-max")).isZero();
    }

    @Test
    void aConsumerThatReadsTooMuchIsToldToPause() throws Exception {
        cluster.createTopic("read", 1, 1);
        set(client("reader"), "consumer_byte_rate", 10_000.0);
        TestCluster.waitUntil(
                "the quota is known", () -> quotas(ClientQuotaFilter.all()).containsKey(client("reader")));
        var producer = cluster.producer(Map.of("acks", "all"));
        producer.send(new ProducerRecord<>("read", new byte[120_000])).get(10, SECONDS);
        var consumer = cluster.consumer(Map.of("client.id", "reader"));
        consumer.assign(List.of(new TopicPartition("read", 0)));

        TestCluster.waitUntil("something is read", () -> !consumer.poll(Duration.ofMillis(100))
                .isEmpty());

        assertThat(throttled(consumer.metrics(), "fetch-throttle-time-max")).isPositive();
    }

    @Test
    void aClientThatKeepsThreadsBusyIsToldToPause() throws Exception {
        cluster.createTopic("asked", 1, 1);
        set(client("asker"), "request_percentage", 0.00001);
        TestCluster.waitUntil(
                "the quota is known", () -> quotas(ClientQuotaFilter.all()).containsKey(client("asker")));
        var producer = cluster.producer(Map.of("client.id", "asker", "acks", "all"));

        producer.send(new ProducerRecord<>("asked", new byte[100_000])).get(20, SECONDS);

        assertThat(throttled(producer.metrics(), "produce-throttle-time-max")).isPositive();
    }

    @Test
    void partitionsAreChangedNoFasterThanTheQuotaSays() throws Exception {
        limitChanges(1.0);
        changer(admin -> admin.createTopics(List.of(new NewTopic("first", 40, (short) 1)))
                        .all())
                .get(10, SECONDS);

        List<KafkaFuture<Void>> refused = List.of(
                changer(admin -> admin.createTopics(
                                List.of(new NewTopic("second", 1, (short) 1)),
                                new CreateTopicsOptions().retryOnQuotaViolation(false))
                        .all()),
                changer(admin -> admin.deleteTopics(
                                List.of("first"), new DeleteTopicsOptions().retryOnQuotaViolation(false))
                        .all()),
                changer(admin -> admin.createPartitions(
                                Map.of("first", NewPartitions.increaseTo(41)),
                                new CreatePartitionsOptions().retryOnQuotaViolation(false))
                        .all()));

        for (KafkaFuture<Void> each : refused) {
            assertThatThrownBy(() -> each.get(10, SECONDS)).hasCauseInstanceOf(ThrottlingQuotaExceededException.class);
        }
        limitChanges(10_000.0);
        changer(admin -> admin.deleteTopics(List.of("first")).all()).get(20, SECONDS);
    }

    private void limitChanges(double perSecond) throws Exception {
        set(client("changer"), "controller_mutation_rate", perSecond);
        TestCluster.waitUntil("the quota is known", () -> Map.of("controller_mutation_rate", perSecond)
                .equals(quotas(ClientQuotaFilter.all()).get(client("changer"))));
    }

    /** Over a connection of its own: the one before may be paused. */
    private KafkaFuture<Void> changer(Function<Admin, KafkaFuture<Void>> what) {
        return what.apply(cluster.admin(Map.of("client.id", "changer")));
    }

    private static double throttled(Map<MetricName, ? extends Metric> metrics, String name) {
        return metrics.entrySet().stream()
                .filter(entry -> entry.getKey().name().equals(name))
                .mapToDouble(entry -> (double) entry.getValue().metricValue())
                .findFirst()
                .orElseThrow();
    }

    private void set(ClientQuotaEntity entity, String key, Double value) throws Exception {
        admin.alterClientQuotas(
                        List.of(new ClientQuotaAlteration(entity, List.of(new Op(key, value)))),
                        new AlterClientQuotasOptions())
                .all()
                .get(10, SECONDS);
    }

    private Map<ClientQuotaEntity, Map<String, Double>> quotas(ClientQuotaFilter filter) throws Exception {
        return admin.describeClientQuotas(filter).entities().get(10, SECONDS);
    }

    private static ClientQuotaFilter filter(ClientQuotaFilterComponent component) {
        return ClientQuotaFilter.contains(List.of(component));
    }

    private static ClientQuotaEntity client(String id) {
        var names = new HashMap<String, String>();
        names.put(ClientQuotaEntity.CLIENT_ID, id);
        return new ClientQuotaEntity(names);
    }
}
