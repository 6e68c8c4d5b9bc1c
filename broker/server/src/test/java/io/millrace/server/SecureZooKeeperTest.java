package io.millrace.server;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.zookeeper.TestKeys;
import io.millrace.metadata.zookeeper.TestZooKeeper;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole broker on a ZooKeeper that asks who it is, by the settings of a properties file. */
@Timeout(60)
class SecureZooKeeperTest {
    @TempDir
    private Path directory;

    @Test
    void aBrokerServesWithAZooKeeperOverTls() throws Exception {
        Path server = TestKeys.keystore(directory, "server");
        Path broker = TestKeys.keystore(directory, "broker");
        Path trusted = TestKeys.truststore(directory, "trusted", server, broker);
        try (var zooKeeper = TestZooKeeper.withTls(directory.resolve("data"), server, trusted, TestKeys.PASSWORD)) {
            assertServes(Map.of(
                    "zookeeper.connect",
                    zooKeeper.connectString() + "/a/cluster",
                    "zookeeper.set.acl",
                    "true",
                    "zookeeper.ssl.client.enable",
                    "true",
                    "zookeeper.ssl.keystore.location",
                    broker.toString(),
                    "zookeeper.ssl.keystore.password",
                    TestKeys.PASSWORD,
                    "zookeeper.ssl.truststore.location",
                    trusted.toString(),
                    "zookeeper.ssl.truststore.password",
                    TestKeys.PASSWORD));
        }
    }

    @Test
    void aBrokerServesWithAZooKeeperThatWantsALogin() throws Exception {
        try (var zooKeeper = TestZooKeeper.withUsers(directory.resolve("data"), Map.of("broker", "right-secret"))) {
            var settings = Map.of(
                    "zookeeper.connect", zooKeeper.connectString(),
                    "zookeeper.set.acl", "true",
                    "zookeeper.sasl.username", "broker",
                    "zookeeper.sasl.password", "right-secret");
            assertServes(settings);

            var wrong = new HashMap<>(settings);
            wrong.put("zookeeper.sasl.password", "wrong-secret");
            assertThatThrownBy(() -> start(wrong))
                    .isInstanceOf(BrokerStartException.class)
                    .hasMessageContaining("the server does not accept the login")
                    .hasMessageNotContaining("wrong-secret");
        }
    }

    private void assertServes(Map<String, String> settings) throws Exception {
        try (var broker = start(settings);
                var admin = Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + broker.port()))) {
            admin.createTopics(List.of(new NewTopic("orders", 2, (short) 1)))
                    .all()
                    .get(20, SECONDS);
            assertThat(admin.listTopics().names().get(20, SECONDS)).contains("orders");
        }
    }

    private Broker start(Map<String, String> settings) {
        var all = new HashMap<>(settings);
        all.put("broker.id", "1");
        all.put("listeners", "127.0.0.1:0");
        all.put("log.dirs", directory.resolve("logs").toString());
        return Broker.start(BrokerConfiguration.of(all));
    }
}
