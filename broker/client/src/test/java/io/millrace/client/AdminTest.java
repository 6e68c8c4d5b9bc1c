package io.millrace.client;

import static io.millrace.client.ScriptedBroker.now;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.millrace.client.ScriptedBroker.Caller;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.CreateTopicsRequest;
import io.millrace.protocol.message.MetadataRequest;
import io.millrace.protocol.message.MetadataResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class AdminTest {
    private final ScriptedCluster cluster = new ScriptedCluster(2);
    private final ClusterClient client = cluster.newClient();

    @AfterEach
    void close() {
        client.close();
        cluster.close();
    }

    private static ClientException failureOf(CompletableFuture<?> future) {
        Throwable failure = catchThrowable(() -> future.get(20, SECONDS));
        assertThat(failure).isInstanceOf(ExecutionException.class).hasCauseInstanceOf(ClientException.class);
        return (ClientException) failure.getCause();
    }

    @Test
    void aQueueIsCreatedWithItsKindAndConfiguration() throws Exception {
        client.admin()
                .create("q", DestinationKind.QUEUE, 3, 2, Map.of("retention.ms", "1000"))
                .get(10, SECONDS);

        var request = cluster.broker(0).received(CreateTopicsRequest.class).isEmpty()
                ? cluster.broker(1).received(CreateTopicsRequest.class).get(0)
                : cluster.broker(0).received(CreateTopicsRequest.class).get(0);
        assertThat(request.topics().get(0).numPartitions()).isEqualTo(3);
        assertThat(request.topics().get(0).replicationFactor()).isEqualTo((short) 2);
        assertThat(request.topics().get(0).configs())
                .containsExactlyInAnyOrder(
                        new CreateTopicsRequest.Config("retention.ms", "1000"),
                        new CreateTopicsRequest.Config("destination.kind", "queue"));
        var described = client.admin().describe(List.of("q", "nothing")).get(10, SECONDS);
        assertThat(described).containsOnlyKeys("q");
        assertThat(described.get("q").kind()).isEqualTo(DestinationKind.QUEUE);
        assertThat(described.get("q").partitions()).hasSize(3);
    }

    @Test
    void creatingCompletesWhenEveryPartitionHasALeader() throws Exception {
        var created = client.admin().create("t", DestinationKind.TOPIC, 1, 1, Map.of());
        cluster.broker(0).on(ApiKey.CREATE_TOPICS, (CreateTopicsRequest request, Caller caller) -> {
            throw new IllegalStateException("asked once only");
        });
        created.get(10, SECONDS);

        cluster.lead("t", 0, -1);
        var ensured = client.admin().describe(List.of("t")).get(10, SECONDS).get("t");

        assertThat(ensured.partitions().get(0).leaderId()).isEqualTo(-1);
    }

    @Test
    void whatExistsIsNotCreatedAgainButEnsured() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 2);

        var failure = failureOf(client.admin().create("q", DestinationKind.QUEUE, 1, 1, Map.of()));
        var ensured = client.admin().ensure("q", DestinationKind.QUEUE).get(10, SECONDS);
        var otherKind = failureOf(client.admin().ensure("q", DestinationKind.TOPIC));

        assertThat(failure.errorCode()).isEqualTo(ErrorCode.TOPIC_ALREADY_EXISTS);
        assertThat(failure).hasMessageContaining("\"q\"");
        assertThat(ensured.partitions()).hasSize(2);
        assertThat(otherKind).hasMessageContaining("QUEUE").hasMessageContaining("TOPIC");
    }

    @Test
    void whatIsMissingIsEnsuredByManyAtOnce() throws Exception {
        var ensured = java.util.stream.IntStream.range(0, 20)
                .mapToObj(i -> client.admin().ensure("q", DestinationKind.QUEUE))
                .toList();

        for (var future : ensured) {
            assertThat(future.get(10, SECONDS).name()).isEqualTo("q");
        }
    }

    @Test
    void destinationsAreListedAndDeleted() throws Exception {
        cluster.create("a", DestinationKind.TOPIC, 1);
        cluster.create("b", DestinationKind.QUEUE, 1);

        client.admin().delete("a").get(10, SECONDS);

        assertThat(client.admin().list().get(10, SECONDS))
                .extracting(DestinationDescription::name)
                .containsExactly("b");
        assertThat(failureOf(client.admin().delete("a")).errorCode()).isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    }

    @Test
    void theBrokersAreDescribed() throws Exception {
        var description = client.admin().cluster().get(10, SECONDS);

        assertThat(description.controllerId()).isZero();
        assertThat(description.brokers())
                .extracting(ClusterDescription.Broker::port)
                .containsExactly(cluster.broker(0).port(), cluster.broker(1).port());
    }

    @Test
    void aControllerThatIsBusyIsAskedAgain() throws Exception {
        var refused = new java.util.concurrent.atomic.AtomicInteger();
        for (int id = 0; id < 2; id++) {
            cluster.broker(id).on(ApiKey.CREATE_TOPICS, (CreateTopicsRequest request, Caller caller) -> {
                if (refused.incrementAndGet() < 3) {
                    return now(request.errorResponse(ErrorCode.NOT_CONTROLLER));
                }
                cluster.create("t", DestinationKind.TOPIC, 1);
                return now(request.errorResponse(ErrorCode.NONE));
            });
        }

        client.admin().create("t", DestinationKind.TOPIC, 1, 1, Map.of()).get(10, SECONDS);

        assertThat(refused).hasValue(3);
    }

    @Test
    void aClusterThatIsAwayFailsCallsWithinTheirBound() {
        try (var lonely = ClusterClient.open(ClientConfiguration.of("127.0.0.1:1,127.0.0.1:2")
                .withTimeouts(Duration.ofMillis(300), Duration.ofSeconds(1)))) {
            var failure = failureOf(lonely.admin().list());

            assertThat(failure.errorCode()).isEqualTo(ErrorCode.NETWORK_EXCEPTION);
            assertThat(failure).hasMessageContaining("127.0.0.1:1").hasMessageContaining("127.0.0.1:2");
        }
    }

    @Test
    void aBrokerThatKnowsOnlyKafkasMetadataIsUnderstood() throws Exception {
        for (int id = 0; id < 2; id++) {
            int port = cluster.broker(id).port();
            cluster.broker(id).limit(ApiKey.DESCRIBE_DESTINATIONS, -1);
            cluster.broker(id).on(ApiKey.METADATA, (MetadataRequest request, Caller caller) -> {
                var partition =
                        new MetadataResponse.Partition(ErrorCode.NONE, 0, 7, 3, List.of(7), List.of(7), List.of());
                var topic = new MetadataResponse.Topic(
                        ErrorCode.NONE, "t", new UUID(1, 2), false, List.of(partition), Integer.MIN_VALUE);
                return now(new MetadataResponse(
                        0,
                        List.of(new MetadataResponse.Broker(7, "127.0.0.1", port, null)),
                        "c",
                        7,
                        List.of(topic),
                        Integer.MIN_VALUE,
                        ErrorCode.NONE));
            });
        }

        var topics = client.admin().list().get(10, SECONDS);

        assertThat(topics)
                .singleElement()
                .isEqualTo(new DestinationDescription(
                        "t",
                        new UUID(1, 2),
                        DestinationKind.TOPIC,
                        false,
                        Map.of(),
                        List.of(new DestinationDescription.Partition(0, 7, 3, List.of(7), List.of(7)))));
    }
}
