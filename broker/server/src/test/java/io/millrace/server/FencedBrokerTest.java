package io.millrace.server;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.ClientConfiguration;
import io.millrace.client.ClusterClient;
import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.zookeeper.ZooKeeperConfiguration;
import io.millrace.metadata.zookeeper.ZooKeeperMetadataStore;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.common.Node;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A broker that is registered but sends no heartbeats: no client should be sent to it. */
@Timeout(60)
class FencedBrokerTest {
    private static final int SILENT = 9;

    @TempDir
    private Path directory;

    @Test
    void clientsAreToldOfBrokersThatLiveOnly() throws Exception {
        try (var cluster = TestCluster.start(directory, 2);
                var silent = ZooKeeperMetadataStore.connect(
                        new ZooKeeperConfiguration(cluster.zooKeeper().connectString(), 4_000));
                var client = ClusterClient.open(ClientConfiguration.of(cluster.bootstrapServers()))) {
            var wanted = BrokerRegistration.wanted(SILENT, "127.0.0.1", 1, null, UUID.randomUUID());
            silent.register(wanted).get(10, SECONDS);
            var admin = cluster.admin();

            TestCluster.waitUntil(
                    "Kafka's clients hear of two brokers",
                    () -> admin.describeCluster().nodes().get(10, SECONDS).stream()
                            .map(Node::id)
                            .sorted()
                            .toList()
                            .equals(List.of(1, 2)));
            TestCluster.waitUntil(
                    "our clients hear of two brokers",
                    () -> client.admin().cluster().get(10, SECONDS).brokers().size() == 2);

            cluster.createTopic("orders", 4, 2);
            assertThat(silent.image().brokers()).containsKey(SILENT);
        }
    }
}
