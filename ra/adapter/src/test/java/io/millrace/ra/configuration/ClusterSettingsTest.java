package io.millrace.ra.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.ClientConfiguration;
import io.millrace.jms.ObjectAllowList;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterSettingsTest {
    private static final String PROPERTY = "millrace.test.servers";

    @AfterEach
    void clear() {
        System.clearProperty(PROPERTY);
    }

    @Test
    void placeholdersAreReplacedBySystemProperties() {
        System.setProperty(PROPERTY, "one:1,two:2");

        assertThat(Placeholders.resolve("a ${" + PROPERTY + ":x} b ${no.such.thing:127.0.0.1:9092} c"))
                .isEqualTo("a one:1,two:2 b 127.0.0.1:9092 c");
        assertThat(Placeholders.resolve("no placeholder, ${ nor here")).isEqualTo("no placeholder, ${ nor here");
        assertThat(Placeholders.resolve("${no.such.thing:}")).isEmpty();
    }

    @Test
    void aPlaceholderThatCannotBeReplacedIsNamed() {
        assertThatThrownBy(() -> Placeholders.resolve("${no.such.thing}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'no.such.thing', which is not set")
                .hasMessageContaining("${no.such.thing:default}");
    }

    @Test
    void settingsBecomeAClientsConfiguration() {
        System.setProperty(PROPERTY, "one:1 , two:2,");

        ClientConfiguration configuration =
                new ClusterSettings("${" + PROPERTY + "}", " me ", 1_000, 2_000, "").clientConfiguration();

        assertThat(configuration.bootstrapServers()).containsExactly("one:1", "two:2");
        assertThat(configuration.clientId()).isEqualTo("me");
        assertThat(configuration.requestTimeout()).isEqualTo(Duration.ofSeconds(1));
        assertThat(configuration.deliveryTimeout()).isEqualTo(Duration.ofSeconds(2));
    }

    @Test
    void theClassesOfObjectsComeFromASystemPropertyWhereNothingElseIsSaid() {
        assertThat(ClusterSettings.DEFAULTS.allowedObjects()).isEqualTo(ObjectAllowList.EMPTY);
        System.setProperty("millrace.object.allow.list", "com.acme.*");
        try {
            assertThat(ClusterSettings.DEFAULTS.connectionSettings().objectAllowList())
                    .hasToString("com.acme.*");
        } finally {
            System.clearProperty("millrace.object.allow.list");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " , ", "broker", "broker:", ":9092", "broker:port", "broker:70000", "good:1,bad"})
    void addressesThatAreNoneAreRefused(String bootstrapServers) {
        ClusterSettings settings = new ClusterSettings(bootstrapServers, "me", 1_000, 2_000, "");

        assertThatThrownBy(settings::clientConfiguration)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bootstrapServers is '" + bootstrapServers + "'")
                .hasMessageContaining("host:port");
    }
}
