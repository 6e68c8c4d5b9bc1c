package io.millrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.metadata.ClusterImage;
import io.millrace.server.configuration.ConfigurationException;
import io.millrace.server.configuration.Endpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BrokerConfigurationTest {
    private static final Map<String, String> LEAST =
            Map.of("broker.id", "7", "zookeeper.connect", "localhost:2181", "log.dirs", "/var/lib/millrace");

    @Test
    void whatIsNotSetHasItsDefault() {
        var configuration = BrokerConfiguration.of(LEAST);

        assertThat(configuration.brokerId()).isEqualTo(7);
        assertThat(configuration.listener()).isEqualTo(new Endpoint("127.0.0.1", 9092));
        assertThat(configuration.networkThreads()).isGreaterThanOrEqualTo(2);
        assertThat(configuration.networkLimits().frameBytesMax()).isEqualTo(100 * 1024 * 1024);
        assertThat(configuration.unknownKeys()).isEmpty();
    }

    @Test
    void aKeyThatMeansNothingIsReported() {
        assertThat(with("brokr.rack", "a").unknownKeys()).containsExactly("brokr.rack");
    }

    @ParameterizedTest
    @CsvSource({
        "broker.id, -1",
        "broker.id, seven",
        "socket.request.max.bytes, 99999999999",
        "auto.create.topics.enable, yes",
        "listeners, localhost",
        "listeners, SSL://localhost:9093",
        "listeners, 'localhost:1,localhost:2'",
        "listeners, localhost:70000",
        "log.dirs, '/a,/a'",
        "log.dirs, '/a,'",
        "log.dir.min.free.bytes, -1",
        "num.recovery.threads.per.data.dir, 0",
        "record.validation, none",
        "broker.session.timeout.ms, 1500",
    })
    void aValueThatIsNotLegalIsRefusedWithKeyAndValue(String key, String value) {
        assertThatThrownBy(() -> with(key, value))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(key)
                .hasMessageContaining("must be");
    }

    @Test
    void whatMustBeSetIsAskedFor() {
        assertThatThrownBy(() -> BrokerConfiguration.of(Map.of("broker.id", "1")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("zookeeper.connect is missing");
    }

    @ParameterizedTest
    @CsvSource({
        "localhost:9092, localhost, 9092",
        "PLAINTEXT://localhost:9092, localhost, 9092",
        "':0', '', 0",
        "'[::1]:9092', '::1', 9092",
    })
    void endpointsAreReadInAllTheirForms(String text, String host, int port) {
        assertThat(with("listeners", text).listener()).isEqualTo(new Endpoint(host, port));
    }

    @Test
    void settingsAreReadFromAFile(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("broker.properties");
        Files.writeString(file, "broker.id=3\nzookeeper.connect=localhost:2181\nlog.dirs=logs\n");

        assertThat(BrokerConfiguration.read(file).brokerId()).isEqualTo(3);
        assertThatThrownBy(() -> BrokerConfiguration.read(directory.resolve("missing")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("missing");
    }

    @Test
    void everySettingIsDocumented() {
        assertThat(BrokerConfiguration.documentation())
                .contains("| `broker.id` | *required* |", "| `num.partitions` | `1` |");
    }

    @Test
    void theBrokersSettingsAreTheDefaultsOfItsTopics() {
        var defaults = with("log.retention.ms", "1234").settings().topicDefaults(ClusterImage.EMPTY);

        assertThat(defaults.settings())
                .containsEntry("retention.ms", "1234")
                .containsEntry("segment.bytes", "1073741824");
    }

    private static BrokerConfiguration with(String key, String value) {
        var settings = new HashMap<>(LEAST);
        settings.put(key, value);
        return BrokerConfiguration.of(settings);
    }
}
