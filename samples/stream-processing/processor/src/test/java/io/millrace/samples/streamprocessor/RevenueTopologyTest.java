package io.millrace.samples.streamprocessor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The topology on Kafka Streams' own driver, which has neither brokers nor threads. */
class RevenueTopologyTest {
    private static final Instant TEN = Instant.parse("2026-01-01T10:00:00Z");

    private final TopologyTestDriver driver =
            new TopologyTestDriver(RevenueTopology.create(), RevenueProcessor.settings("127.0.0.1:9092"), TEN);
    private final TestInputTopic<String, String> sales =
            driver.createInputTopic(RevenueTopology.SALES, new StringSerializer(), new StringSerializer());
    private final TestOutputTopic<String, String> revenue =
            driver.createOutputTopic(RevenueTopology.REVENUE, new StringDeserializer(), new StringDeserializer());

    @AfterEach
    void close() {
        driver.close();
    }

    @Test
    void revenueIsSummedUpByProductAndMinute() {
        sell("tea", 2, 350, TEN);
        sell("cups", 1, 900, TEN.plusSeconds(10));
        sell("tea", 1, 300, TEN.plusSeconds(59));
        sell("tea", 5, 350, TEN.plusSeconds(60));

        assertThat(revenue.readKeyValuesToMap())
                .isEqualTo(Map.of(
                        "tea/2026-01-01T10:00:00Z", json("tea", "2026-01-01T10:00:00Z", 2, 3, 1000),
                        "cups/2026-01-01T10:00:00Z", json("cups", "2026-01-01T10:00:00Z", 1, 1, 900),
                        "tea/2026-01-01T10:01:00Z", json("tea", "2026-01-01T10:01:00Z", 1, 5, 1750)));
    }

    @Test
    void aMinutesSumsAreToldAsTheyGrow() {
        sell("tea", 2, 350, TEN);
        sell("tea", 1, 350, TEN);

        assertThat(revenue.readValuesToList())
                .containsExactly(
                        json("tea", "2026-01-01T10:00:00Z", 1, 2, 700),
                        json("tea", "2026-01-01T10:00:00Z", 2, 3, 1050));
    }

    @Test
    void aSaleMayComeLateButNotTooLate() {
        sell("tea", 1, 100, TEN);
        sell("cups", 1, 100, TEN.plus(RevenueTopology.LATE_MAX).plus(Duration.ofSeconds(59)));
        sell("tea", 1, 100, TEN);
        sell("cups", 1, 100, TEN.plus(RevenueTopology.LATE_MAX).plus(Duration.ofSeconds(60)));
        sell("tea", 1, 100, TEN);

        assertThat(revenue.readKeyValuesToMap())
                .containsEntry("tea/2026-01-01T10:00:00Z", json("tea", "2026-01-01T10:00:00Z", 2, 2, 200));
    }

    @Test
    void whatIsNoSaleIsLeftOut() {
        sales.pipeInput("tea", "no JSON", TEN);
        sales.pipeInput("tea", "{\"quantity\":1,\"priceCents\":1}", TEN);
        sales.pipeInput("tea", (String) null, TEN);
        sell("tea", 0, 350, TEN);
        sell("tea", 1, -1, TEN);

        sales.pipeInput(null, "{\"product\":\"tea\",\"quantity\":1,\"priceCents\":350,\"till\":7}", TEN);

        assertThat(revenue.readValuesToList()).containsExactly(json("tea", "2026-01-01T10:00:00Z", 1, 1, 350));
    }

    @Test
    void theHeadersOfASaleAreItsOwn() {
        var sale = new TestRecord<>("till-1", "{\"product\":\"tea\",\"quantity\":1,\"priceCents\":350}", TEN);
        sale.headers().add("JMSMessageID", "ID:1".getBytes(UTF_8));

        sales.pipeInput(sale);

        assertThat(revenue.readRecord().headers()).isEmpty();
    }

    private void sell(String product, int quantity, long priceCents, Instant when) {
        String sale =
                "{\"product\":\"" + product + "\",\"quantity\":" + quantity + ",\"priceCents\":" + priceCents + "}";
        sales.pipeInput(product, sale, when);
    }

    private static String json(String product, String minute, long count, long quantity, long revenueCents) {
        return "{\"product\":\"" + product + "\",\"minute\":\"" + minute + "\",\"sales\":" + count + ",\"quantity\":"
                + quantity + ",\"revenueCents\":" + revenueCents + "}";
    }
}
