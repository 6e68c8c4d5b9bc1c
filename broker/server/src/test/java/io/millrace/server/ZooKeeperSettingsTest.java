package io.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.zookeeper.ZooKeeperConfiguration;
import io.millrace.metadata.zookeeper.ZooKeeperKeyFile;
import io.millrace.metadata.zookeeper.ZooKeeperLogin;
import io.millrace.metadata.zookeeper.ZooKeeperSecurity;
import io.millrace.server.configuration.ConfigurationException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ZooKeeperSettingsTest {
    @Test
    void withoutSettingsNothingIsSecured() {
        var configuration = read(Map.of());

        assertThat(configuration)
                .isEqualTo(new ZooKeeperConfiguration("zk:2181/chroot", 6_000, 30_000, ZooKeeperSecurity.NONE));
    }

    @Test
    void aLoginTakesItsPasswordFromASettingOrAFile(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("password"), "from-file\n\n");

        var fromSetting = read(Map.of("zookeeper.sasl.username", "broker", "zookeeper.sasl.password", "from-setting"));
        var fromFile =
                read(Map.of("zookeeper.sasl.username", "broker", "zookeeper.sasl.password.file", file.toString()));

        assertThat(fromSetting.security().login()).contains(new ZooKeeperLogin("broker", "from-setting"));
        assertThat(fromFile.security().login()).contains(new ZooKeeperLogin("broker", "from-file"));
        assertThat(fromSetting.toString()).doesNotContain("from-setting");
    }

    @Test
    void kafkasNamesForTlsAreUnderstood() {
        var tls = read(Map.of(
                        "zookeeper.ssl.client.enable", "true",
                        "zookeeper.clientCnxnSocket", "org.apache.zookeeper.ClientCnxnSocketNetty",
                        "zookeeper.ssl.keystore.location", "/keys.p12",
                        "zookeeper.ssl.keystore.password", "key-secret",
                        "zookeeper.ssl.truststore.location", "/trust.jks",
                        "zookeeper.ssl.truststore.password", "trust-secret",
                        "zookeeper.ssl.truststore.type", "JKS",
                        "zookeeper.ssl.endpoint.identification.algorithm", "",
                        "zookeeper.ssl.protocol", "TLSv1.3",
                        "zookeeper.set.acl", "true"))
                .security();

        assertThat(tls.restrictsAccess()).isTrue();
        assertThat(tls.tls().orElseThrow().keystore())
                .contains(new ZooKeeperKeyFile(Path.of("/keys.p12"), "key-secret", ""));
        assertThat(tls.tls().orElseThrow().truststore())
                .contains(new ZooKeeperKeyFile(Path.of("/trust.jks"), "trust-secret", "JKS"));
        assertThat(tls.tls().orElseThrow().verifiesHostnames()).isFalse();
        assertThat(tls.tls().orElseThrow().other()).containsEntry("zookeeper.ssl.protocol", "TLSv1.3");
        assertThat(tls.toString()).doesNotContain("secret");
    }

    @Test
    void settingsThatDoNotGoTogetherAreRefusedWithoutNamingThePassword() {
        assertRefused(Map.of("zookeeper.sasl.password", "hush"), "zookeeper.sasl.username must name one");
        assertRefused(Map.of("zookeeper.sasl.username", "broker"), "zookeeper.sasl.username=broker has no password");
        assertRefused(
                Map.of(
                        "zookeeper.sasl.username",
                        "b",
                        "zookeeper.sasl.password",
                        "hush",
                        "zookeeper.sasl.password.file",
                        "f"),
                "both given");
        assertRefused(
                Map.of("zookeeper.sasl.username", "b", "zookeeper.sasl.password.file", "/nowhere/password"),
                "zookeeper.sasl.password.file=/nowhere/password cannot be read");
        assertRefused(Map.of("zookeeper.set.acl", "true"), "zookeeper.set.acl=true needs an identity");
        assertRefused(Map.of("zookeeper.clientCnxnSocket", "org.apache.zookeeper.ClientCnxnSocketNIO"), "must be");
    }

    @Test
    void aBrokerThatCannotUseZooKeeperSaysWhyAndDoesNotHang(@TempDir Path directory) {
        var settings = settings(Map.of("zookeeper.connect", "127.0.0.1:1", "zookeeper.connection.timeout.ms", "300"));
        settings.put("log.dirs", directory.toString());
        settings.put("listeners", "127.0.0.1:0");

        assertThatThrownBy(() -> Broker.start(BrokerConfiguration.of(settings)))
                .isInstanceOf(BrokerStartException.class)
                .hasMessageContaining("zookeeper.connect=127.0.0.1:1 did not serve the metadata within")
                .hasMessageContaining("127.0.0.1:1 cannot be reached");
    }

    private static void assertRefused(Map<String, String> given, String reason) {
        assertThatThrownBy(() -> read(given))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(reason)
                .hasMessageNotContaining("hush");
    }

    private static ZooKeeperConfiguration read(Map<String, String> given) {
        return BrokerConfiguration.of(settings(given)).zooKeeper();
    }

    private static Map<String, String> settings(Map<String, String> given) {
        var settings = new HashMap<String, String>();
        settings.putAll(Map.of("broker.id", "1", "zookeeper.connect", "zk:2181/chroot", "log.dirs", "/logs"));
        settings.putAll(given);
        return settings;
    }
}
