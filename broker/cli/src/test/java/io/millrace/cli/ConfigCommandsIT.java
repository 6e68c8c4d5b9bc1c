package io.millrace.cli;

import static io.millrace.cli.ClusterOfCommands.fails;
import static io.millrace.cli.ClusterOfCommands.json;
import static io.millrace.cli.ClusterOfCommands.succeeds;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Settings and quotas, against a cluster in this process. */
@Timeout(120)
@ExtendWith(ClusterOfCommands.class)
class ConfigCommandsIT {

    private static JsonNode setting(String name, String... target) {
        String[] arguments = Stream.concat(Stream.of("config", "describe", "--all", "--json"), Stream.of(target))
                .toArray(String[]::new);
        return json(succeeds(arguments)).stream()
                .filter(each -> each.get("name").asText().equals(name))
                .findAny()
                .orElseThrow(() -> new AssertionError("no setting " + name));
    }

    @Test
    void aSettingOfATopicIsSetDescribedAndDeleted() {
        succeeds("topic", "create", "configured");
        assertThat(setting("retention.ms", "--topic", "configured")
                        .get("source")
                        .asText())
                .isEqualTo("default");

        assertThat(succeeds("config", "set", "--topic", "configured", "retention.ms=1000"))
                .isEqualToIgnoringNewLines("configured: set retention.ms=1000");

        assertThat(succeeds("config", "describe", "--topic", "configured").lines())
                .anySatisfy(line -> assertThat(line).matches("retention\\.ms +1000 +topic"));
        succeeds("config", "delete", "--topic", "configured", "retention.ms");
        assertThat(setting("retention.ms", "--topic", "configured")
                        .get("source")
                        .asText())
                .isEqualTo("default");
    }

    @Test
    void aDryRunChangesNothing() {
        succeeds("topic", "create", "untouched");

        assertThat(succeeds("config", "set", "--topic", "untouched", "retention.ms=1000", "--dry-run"))
                .contains("could have set");

        assertThat(setting("retention.ms", "--topic", "untouched").get("value").asText())
                .isNotEqualTo("1000");
    }

    @Test
    void whatIsWrongIsNamedWithWhatIsRight() {
        succeeds("topic", "create", "refusing");

        assertThat(fails("config", "set", "--topic", "refusing", "retention.mss=1"))
                .contains("retention.mss is no setting of topics; did you mean retention.ms?");
        assertThat(fails("config", "set", "--topic", "refusing", "retention.ms=soon"))
                .contains("retention.ms", "soon");
        assertThat(fails("config", "set", "--all-brokers", "broker.id=7")).contains("broker.id");
        assertThat(fails("config", "describe", "--topic", "nowhere")).contains("nowhere");
        assertThat(fails("config", "describe", "--broker", "99")).contains("no broker 99 alive");
    }

    @Test
    void brokersTellWhatTheirFilesSay() {
        assertThat(setting("broker.id", "--broker", "1").get("source").asText()).isEqualTo("broker file");
        assertThat(setting("broker.id", "--broker", "1").get("readOnly").asBoolean())
                .isTrue();
    }

    @Test
    void aQuotaIsSetDescribedAndDeleted() {
        succeeds("config", "set", "--client-id", "greedy", "producer_byte_rate=10MB/s");

        JsonNode quota = json(succeeds("config", "describe", "--client-id", "greedy", "--json"))
                .get(0);
        assertThat(quota.get("value").asDouble()).isEqualTo(10_000_000);
        assertThat(succeeds("config", "describe").lines())
                .anySatisfy(line -> assertThat(line).matches("client-id greedy +producer_byte_rate +10000000"));
        succeeds("config", "delete", "--client-id", "greedy", "producer_byte_rate");
        assertThat(succeeds("config", "describe", "--client-id", "greedy")).isEmpty();
        assertThat(fails("config", "set", "--client-id", "greedy", "producer_bytes=1"))
                .contains("producer_bytes");
    }
}
