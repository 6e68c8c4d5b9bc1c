package io.millrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.ClientConfiguration;
import io.millrace.client.ClusterClient;
import io.millrace.client.ConsumerConfiguration;
import io.millrace.client.ConsumerRecord;
import io.millrace.client.GroupConsumer;
import io.millrace.client.GroupConsumer.Subscription;
import io.millrace.client.network.Connection;
import io.millrace.client.network.EventLoops;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest;
import io.millrace.protocol.message.ConsumerGroupHeartbeatResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Our own client's consumers in groups, which lose their coordinator, or are taken for lost themselves. */
@Timeout(90)
class ClientGroupTest {
    private static final String GROUP = "billing";
    private static final Map<String, String> OFTEN = Map.of("group.consumer.heartbeat.interval.ms", "200");

    @TempDir
    private Path directory;

    /** How often each value was read. */
    private final Map<String, Integer> read = new HashMap<>();

    @Test
    void membersShareThePartitionsAndWhoComesLaterGoesOnBehindThem() throws Exception {
        try (var cluster = TestCluster.start(directory, 1, OFTEN)) {
            cluster.createTopic("orders", 4, 1);
            produce(cluster, 0, 40);
            try (var client = client(cluster)) {
                try (var first = member(client);
                        var second = member(client)) {
                    TestCluster.waitUntil("both have partitions and all is read", () -> {
                        poll(first);
                        poll(second);
                        return first.assignment().size() == 2
                                && second.assignment().size() == 2
                                && read.size() == 40;
                    });
                }
                produce(cluster, 40, 50);
                read.clear();
                try (var third = member(client)) {
                    readUntil(third, 10);
                    assertThat(third.assignment()).hasSize(4);
                }
            }
            assertThat(read).containsOnlyKeys(values(40, 50)).allSatisfy((value, times) -> assertThat(times)
                    .isEqualTo(1));
        }
    }

    @Test
    void aMemberThatTheGroupTookForLostJoinsAgainAndMissesNothing() throws Exception {
        try (var cluster = TestCluster.start(directory, 1, OFTEN)) {
            cluster.createTopic("orders", 4, 1);
            produce(cluster, 0, 40);
            try (var client = client(cluster);
                    var member = member(client)) {
                readUntil(member, 40);
                String expelled = memberIds(cluster).get(0);

                expel(cluster, expelled);
                produce(cluster, 40, 80);

                readUntil(member, 80);
                assertThat(member.assignment()).hasSize(4);
                member.commit().get(20, SECONDS);
                assertThat(committed(cluster)).isEqualTo(80);
            }
        }
    }

    @Test
    void aMemberSurvivesTheLossOfItsCoordinator() throws Exception {
        try (var cluster = TestCluster.start(directory, 3, OFTEN)) {
            cluster.createTopic("orders", 4, 3);
            produce(cluster, 0, 40);
            try (var client = client(cluster);
                    var member = member(client)) {
                readUntil(member, 40);
                member.commit().get(20, SECONDS);
                List<String> before = memberIds(cluster);

                cluster.abort(coordinator(cluster));
                produce(cluster, 40, 80);

                readUntil(member, 80);
                member.commit().get(30, SECONDS);
                assertThat(committed(cluster)).isEqualTo(80);
                assertThat(memberIds(cluster)).isEqualTo(before);
                assertThat(read).allSatisfy((value, times) -> assertThat(times).isEqualTo(1));
            }
        }
    }

    private static ClusterClient client(TestCluster cluster) {
        return ClusterClient.open(ClientConfiguration.of(cluster.bootstrapServers()));
    }

    private static GroupConsumer member(ClusterClient client) {
        return client.newGroupConsumer(
                new Subscription(GROUP, List.of("orders"), Subscription.BEGINNING, ConsumerConfiguration.defaults()));
    }

    private void readUntil(GroupConsumer member, int count) throws Exception {
        TestCluster.waitUntil(count + " different records", () -> {
            poll(member);
            return read.size() >= count;
        });
    }

    private void poll(GroupConsumer member) {
        for (ConsumerRecord record : member.poll(Duration.ofMillis(50))) {
            read.merge(new String(Objects.requireNonNull(record.value()), UTF_8), 1, Integer::sum);
            member.processed(record);
        }
    }

    private static List<String> memberIds(TestCluster cluster) throws Exception {
        var group = cluster.admin()
                .describeConsumerGroups(List.of(GROUP))
                .all()
                .get(20, SECONDS)
                .get(GROUP);
        return group.members().stream().map(member -> member.consumerId()).toList();
    }

    private static int coordinator(TestCluster cluster) throws Exception {
        return cluster.admin()
                .describeConsumerGroups(List.of(GROUP))
                .all()
                .get(20, SECONDS)
                .get(GROUP)
                .coordinator()
                .id();
    }

    /** Says goodbye in the member's name. */
    private static void expel(TestCluster cluster, String memberId) throws Exception {
        var loops = new EventLoops("expel", 1);
        try {
            var connection = Connection.connect(
                            loops.group(), "127.0.0.1", cluster.broker(1).port(), "expel", Duration.ofSeconds(5))
                    .get(10, SECONDS);
            var farewell = new ConsumerGroupHeartbeatRequest(
                    GROUP, memberId, ConsumerGroupHeartbeatRequest.LEAVE, null, null, -1, null, null, null, null);
            ConsumerGroupHeartbeatResponse answer =
                    connection.<ConsumerGroupHeartbeatResponse>send(farewell).get(10, SECONDS);
            assertThat(answer.errorCode()).isEqualTo(ErrorCode.NONE);
        } finally {
            loops.close(Duration.ofSeconds(5));
        }
    }

    private static long committed(TestCluster cluster) throws Exception {
        return cluster
                .admin()
                .listConsumerGroupOffsets(GROUP)
                .partitionsToOffsetAndMetadata()
                .get(20, SECONDS)
                .values()
                .stream()
                .mapToLong(OffsetAndMetadata::offset)
                .sum();
    }

    private static void produce(TestCluster cluster, int from, int to) throws Exception {
        var producer =
                cluster.producer(Map.of("acks", "all", "delivery.timeout.ms", "60000", "request.timeout.ms", "5000"));
        for (int i = from; i < to; i++) {
            producer.send(new ProducerRecord<>(
                            "orders", i % 4, null, String.valueOf(i).getBytes(UTF_8)))
                    .get(60, SECONDS);
        }
    }

    private static String[] values(int from, int to) {
        return IntStream.range(from, to).mapToObj(String::valueOf).toArray(String[]::new);
    }
}
