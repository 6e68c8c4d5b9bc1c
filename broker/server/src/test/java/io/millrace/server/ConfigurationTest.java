package io.millrace.server;

import static io.millrace.server.TestCluster.eventually;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.AlterConfigsOptions;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConfigEntry.ConfigSource;
import org.apache.kafka.clients.admin.ConfigEntry.ConfigType;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.ListConfigResourcesOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TopicDeletionDisabledException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Kafka's Admin tells and changes configurations of two brokers and their topics. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ConfigurationTest {
    private static final ConfigResource BROKER = new ConfigResource(ConfigResource.Type.BROKER, "1");
    private static final ConfigResource ALL_BROKERS = new ConfigResource(ConfigResource.Type.BROKER, "");

    private TestCluster cluster;
    private Admin admin;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        cluster = TestCluster.start(
                directory,
                2,
                Map.of(
                        "log.retention.ms",
                        "7200000",
                        "log.retention.check.interval.ms",
                        "100",
                        "delete.topic.enable",
                        "false",
                        "zookeeper.ssl.keystore.password",
                        "secret"));
        admin = cluster.admin();
    }

    @AfterAll
    void stop() throws Exception {
        cluster.close();
    }

    @Test
    void aValueComesFromTheMostSpecificPlace() throws Exception {
        ConfigResource topic = topic("synonyms");
        change(topic, set("max.message.bytes", "2000"));
        change(ALL_BROKERS, set("message.max.bytes", "4000"));
        change(BROKER, set("message.max.bytes", "3000"));

        eventually(() -> {
            ConfigEntry entry = describe(topic).get("max.message.bytes");
            assertThat(entry.value()).isEqualTo("2000");
            assertThat(entry.source()).isEqualTo(ConfigSource.DYNAMIC_TOPIC_CONFIG);
            assertThat(entry.type()).isEqualTo(ConfigType.INT);
            assertThat(entry.documentation()).contains("largest record batch");
            assertThat(entry.synonyms().get(0).name()).isEqualTo("max.message.bytes");
            assertThat(entry.synonyms().stream().skip(2).map(ConfigEntry.ConfigSynonym::source))
                    .endsWith(ConfigSource.DEFAULT_CONFIG);
        });
        eventually(() -> {
            ConfigEntry ofBroker = describe(BROKER).get("message.max.bytes");
            assertThat(ofBroker.value()).isEqualTo("3000");
            assertThat(ofBroker.isReadOnly()).isFalse();
            assertThat(ofBroker.synonyms().stream().map(ConfigEntry.ConfigSynonym::source))
                    .containsExactly(
                            ConfigSource.DYNAMIC_BROKER_CONFIG,
                            ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG,
                            ConfigSource.DEFAULT_CONFIG);
        });
        eventually(() -> assertThat(describe(ALL_BROKERS).entries())
                .extracting(ConfigEntry::name, ConfigEntry::source)
                .containsExactly(tuple("message.max.bytes", ConfigSource.DYNAMIC_DEFAULT_BROKER_CONFIG)));
        change(BROKER, delete("message.max.bytes"));
        change(ALL_BROKERS, delete("message.max.bytes"));
        eventually(() ->
                assertThat(describe(BROKER).get("message.max.bytes").source()).isEqualTo(ConfigSource.DEFAULT_CONFIG));
        eventually(() -> assertThat(describe(ALL_BROKERS).entries()).isEmpty());
    }

    @Test
    void aTopicInheritsWhatTheBrokersFileSays() throws Exception {
        ConfigEntry entry = describe(topic("inherits")).get("retention.ms");

        assertThat(entry.value()).isEqualTo("7200000");
        assertThat(entry.source()).isEqualTo(ConfigSource.STATIC_BROKER_CONFIG);
        assertThat(entry.synonyms().get(0).name()).isEqualTo("log.retention.ms");
        assertThat(describe(BROKER).get("broker.id").isReadOnly()).isTrue();
    }

    @Test
    void secretsAreNotShown() throws Exception {
        ConfigEntry entry = describe(BROKER).get("zookeeper.ssl.keystore.password");

        assertThat(entry.isSensitive()).isTrue();
        assertThat(entry.value()).isNull();
        assertThat(entry.synonyms())
                .allSatisfy(synonym -> assertThat(synonym.value()).isNull());
    }

    @Test
    void settingsAreSetDeletedAppendedAndSubtracted() throws Exception {
        ConfigResource topic = topic("operations");

        change(topic, set("retention.ms", "5000"), op("cleanup.policy", "compact", OpType.APPEND));
        eventually(() -> {
            Config described = describe(topic);
            assertThat(described.get("cleanup.policy").value()).isEqualTo("delete,compact");
            assertThat(described.get("retention.ms").value()).isEqualTo("5000");
        });
        change(topic, delete("retention.ms"), op("cleanup.policy", "delete", OpType.SUBTRACT));

        eventually(() -> {
            Config described = describe(topic);
            assertThat(described.get("cleanup.policy").value()).isEqualTo("compact");
            assertThat(described.get("retention.ms").source()).isEqualTo(ConfigSource.STATIC_BROKER_CONFIG);
        });
    }

    @Test
    void whatIsWrongIsRefusedAndNothingOfItChanged() throws Exception {
        ConfigResource topic = topic("refused");

        assertRefused(topic, InvalidConfigurationException.class, "a whole number", set("retention.ms", "soon"));
        assertRefused(topic, InvalidConfigurationException.class, "known are", set("retention.years", "1"));
        assertRefused(topic, InvalidConfigurationException.class, "only lists", op("retention.ms", "1", OpType.APPEND));
        assertRefused(topic, InvalidConfigurationException.class, "for ever", set("destination.kind", "queue"));
        assertRefused(
                topic,
                InvalidConfigurationException.class,
                "one of auto, journal, os",
                set("max.message.bytes", "1"),
                set("flush.policy", "sometimes"));
        assertRefused(BROKER, InvalidRequestException.class, "restart", set("broker.rack", "a"));
        assertRefused(BROKER, InvalidRequestException.class, "no setting", set("brokr.rack", "a"));
        assertRefused(BROKER, InvalidRequestException.class, "restart", set("min.insync.replicas", "1"));
        assertRefused(
                ALL_BROKERS, InvalidConfigurationException.class, "a whole number", set("log.segment.bytes", "1"));
        assertRefused(
                new ConfigResource(ConfigResource.Type.TOPIC, "missing"),
                UnknownTopicOrPartitionException.class,
                "no topic",
                set("retention.ms", "1"));
        assertThat(describe(topic).entries()).noneMatch(entry -> entry.source() == ConfigSource.DYNAMIC_TOPIC_CONFIG);
    }

    @Test
    void toDeleteWhatIsNotSetIsNoError() throws Exception {
        ConfigResource topic = topic("throttled");

        change(topic, delete("a.setting.of.another.release"));
        change(BROKER, delete("another.one"), delete("broker.rack"));

        assertThat(describe(BROKER).get("broker.rack").source()).isEqualTo(ConfigSource.DEFAULT_CONFIG);
    }

    private void assertRefused(
            ConfigResource resource, Class<? extends Throwable> how, String why, AlterConfigOp... operations) {
        assertThatThrownBy(() -> change(resource, operations))
                .hasCauseInstanceOf(how)
                .hasMessageContaining(why);
    }

    @Test
    void aNewTopicIsToldWithAllThatHoldsForIt() throws Exception {
        var topic = new NewTopic("told", 1, (short) 1).configs(Map.of("max.message.bytes", "2000"));

        Config told = admin.createTopics(List.of(topic)).config("told").get(10, SECONDS);

        assertThat(told.get("max.message.bytes").source()).isEqualTo(ConfigSource.DYNAMIC_TOPIC_CONFIG);
        assertThat(told.get("max.message.bytes").value()).isEqualTo("2000");
        assertThat(told.get("retention.ms").source()).isEqualTo(ConfigSource.STATIC_BROKER_CONFIG);
        assertThat(told.get("retention.ms").value()).isEqualTo("7200000");
        assertThat(told.get("segment.bytes").source()).isEqualTo(ConfigSource.DEFAULT_CONFIG);
    }

    @Test
    void topicsStayWhereDeletionIsSwitchedOff() throws Exception {
        topic("kept");

        assertThatThrownBy(() -> admin.deleteTopics(List.of("kept")).all().get(10, SECONDS))
                .hasCauseInstanceOf(TopicDeletionDisabledException.class)
                .hasMessageContaining("delete.topic.enable");

        assertThat(describe(new ConfigResource(ConfigResource.Type.TOPIC, "kept"))
                        .entries())
                .isNotEmpty();
    }

    @Test
    void whatIsOnlyValidatedDoesNotChange() throws Exception {
        ConfigResource topic = topic("validated");

        admin.incrementalAlterConfigs(
                        Map.of(topic, List.of(set("retention.ms", "1"))), new AlterConfigsOptions().validateOnly(true))
                .all()
                .get(10, SECONDS);

        assertThat(describe(topic).get("retention.ms").source()).isEqualTo(ConfigSource.STATIC_BROKER_CONFIG);
    }

    @Test
    void aGreaterOrSmallerBatchIsTakenAtOnce() throws Exception {
        ConfigResource topic = topic("live");
        var producer = cluster.producer(Map.of("acks", "all"));
        producer.send(new ProducerRecord<>("live", new byte[5_000])).get(10, SECONDS);

        change(topic, set("max.message.bytes", "1000"));
        TestCluster.waitUntil("all brokers refuse", () -> {
            try {
                producer.send(new ProducerRecord<>("live", new byte[5_000])).get(10, SECONDS);
                return false;
            } catch (ExecutionException e) {
                assertThat(e).hasCauseInstanceOf(RecordTooLargeException.class);
                return true;
            }
        });
        change(topic, delete("max.message.bytes"));

        TestCluster.waitUntil("it is taken again", () -> {
            try {
                producer.send(new ProducerRecord<>("live", new byte[5_000])).get(10, SECONDS);
                return true;
            } catch (ExecutionException e) {
                return false;
            }
        });
    }

    @ParameterizedTest
    @CsvSource({"gzip,none", "snappy,gzip", "lz4,zstd", "zstd,none", "uncompressed,lz4"})
    void recordsAreKeptInTheCodecOfTheirTopic(String codec, String producersCodec) throws Exception {
        String name = "kept-" + codec;
        var topic = new NewTopic(name, 1, (short) 2).configs(Map.of("compression.type", codec));
        admin.createTopics(List.of(topic)).all().get(10, SECONDS);
        byte[] flat = new byte[100_000];
        var timestamps = new ArrayList<Long>();

        var producer = cluster.producer(Map.of("acks", "all", "compression.type", producersCodec));
        for (int i = 0; i < 3; i++) {
            timestamps.add(producer.send(new ProducerRecord<>(name, flat))
                    .get(10, SECONDS)
                    .timestamp());
        }

        long bytes = admin.describeLogDirs(List.of(1, 2)).allDescriptions().get(10, SECONDS).values().stream()
                .flatMap(directories -> directories.values().stream())
                .flatMap(directory -> directory.replicaInfos().entrySet().stream())
                .filter(replica -> replica.getKey().topic().equals(name))
                .mapToLong(replica -> replica.getValue().size())
                .max()
                .orElseThrow();
        if (codec.equals("uncompressed")) {
            assertThat(bytes).isGreaterThan(300_000);
        } else {
            assertThat(bytes).isLessThan(100_000);
        }
        assertThat(cluster.readAll(name, 1, 3))
                .extracting(ConsumerRecord::timestamp)
                .isEqualTo(timestamps);
    }

    @Test
    void aPartitionNeverNeedsMoreReplicasThanItHas() throws Exception {
        ConfigResource topic = topic("alone", 1);
        var producer = cluster.producer(Map.of("acks", "all"));

        change(topic, set("min.insync.replicas", "2"));

        producer.send(new ProducerRecord<>("alone", new byte[5])).get(10, SECONDS);
        eventually(() ->
                assertThat(describe(topic).get("min.insync.replicas").value()).isEqualTo("2"));
    }

    @Test
    void retentionIsAppliedToLogsThatAreOpen() throws Exception {
        ConfigResource topic = topic("short");
        var producer = cluster.producer(Map.of("acks", "all"));
        for (int i = 0; i < 10; i++) {
            producer.send(new ProducerRecord<>("short", 0, 1_000L, null, new byte[500]))
                    .get(10, SECONDS);
        }

        change(topic, set("segment.bytes", "600"), set("retention.ms", "1000"));
        producer.send(new ProducerRecord<>("short", new byte[500])).get(10, SECONDS);
        producer.send(new ProducerRecord<>("short", new byte[500])).get(10, SECONDS);

        var partition = new TopicPartition("short", 0);
        TestCluster.waitUntil(
                "the old records are gone",
                () -> admin.listOffsets(Map.of(partition, OffsetSpec.earliest()))
                                .partitionResult(partition)
                                .get(10, SECONDS)
                                .offset()
                        > 0);
    }

    @Test
    void whatHasAConfigurationIsListed() throws Exception {
        ConfigResource topic = topic("listed");

        Collection<ConfigResource> all = admin.listConfigResources().all().get(10, SECONDS);
        Collection<ConfigResource> brokers = admin.listConfigResources(
                        Set.of(ConfigResource.Type.BROKER), new ListConfigResourcesOptions())
                .all()
                .get(10, SECONDS);

        assertThat(all).contains(topic, BROKER);
        assertThat(brokers).contains(BROKER).allMatch(each -> each.type() == ConfigResource.Type.BROKER);
    }

    @Test
    void groupsHaveSettingsOfTheirOwn() throws Exception {
        var group = new ConfigResource(ConfigResource.Type.GROUP, "billing");

        change(group, set("consumer.session.timeout.ms", "30000"));

        eventually(() -> {
            ConfigEntry session = describe(group).get("consumer.session.timeout.ms");
            assertThat(session.value()).isEqualTo("30000");
            assertThat(session.source()).isEqualTo(ConfigSource.DYNAMIC_GROUP_CONFIG);
            assertThat(session.synonyms())
                    .extracting(ConfigEntry.ConfigSynonym::name, ConfigEntry.ConfigSynonym::source)
                    .containsExactly(
                            tuple("consumer.session.timeout.ms", ConfigSource.DYNAMIC_GROUP_CONFIG),
                            tuple("group.consumer.session.timeout.ms", ConfigSource.DEFAULT_CONFIG));
        });
        assertThat(describe(group).get("consumer.heartbeat.interval.ms").source())
                .isEqualTo(ConfigSource.DEFAULT_CONFIG);
        eventually(() -> assertThat(
                        admin.listConfigResources(Set.of(ConfigResource.Type.GROUP), new ListConfigResourcesOptions())
                                .all()
                                .get(10, SECONDS))
                .containsExactly(group));
        Class<InvalidConfigurationException> refused = InvalidConfigurationException.class;
        assertRefused(group, refused, "greater than", set("consumer.heartbeat.interval.ms", "30000"));
        assertRefused(group, refused, "no setting of groups", set("consumer.patience", "1"));
        change(group, delete("consumer.session.timeout.ms"));
        eventually(() -> assertThat(
                        describe(group).get("consumer.session.timeout.ms").value())
                .isEqualTo("45000"));
    }

    private ConfigResource topic(String name) throws Exception {
        return topic(name, 2);
    }

    private ConfigResource topic(String name, int replicas) throws Exception {
        cluster.createTopicEverywhere(name, 1, replicas);
        return new ConfigResource(ConfigResource.Type.TOPIC, name);
    }

    private Config describe(ConfigResource resource) throws Exception {
        return admin.describeConfigs(
                        List.of(resource),
                        new DescribeConfigsOptions().includeSynonyms(true).includeDocumentation(true))
                .all()
                .get(10, SECONDS)
                .get(resource);
    }

    private void change(ConfigResource resource, AlterConfigOp... operations) throws Exception {
        admin.incrementalAlterConfigs(Map.of(resource, Stream.of(operations).toList()))
                .all()
                .get(10, SECONDS);
    }

    private static AlterConfigOp set(String name, String value) {
        return op(name, value, OpType.SET);
    }

    private static AlterConfigOp delete(String name) {
        return op(name, "", OpType.DELETE);
    }

    private static AlterConfigOp op(String name, String value, OpType type) {
        return new AlterConfigOp(new ConfigEntry(name, value), type);
    }
}
