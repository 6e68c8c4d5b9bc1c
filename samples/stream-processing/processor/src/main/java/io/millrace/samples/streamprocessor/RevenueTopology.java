package io.millrace.samples.streamprocessor;

import io.millrace.samples.streamprocessor.Revenue.Sums;
import java.time.Duration;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.state.Stores;

/**
 * Sums up the sales of each product by the minute in which they were sent, which is the record's timestamp and, to the bean
 * that sent it, the {@code JMSTimestamp}.
 *
 * <p>A minute's sums are told as they grow, and a sale may come {@link #LATE_MAX} after its minute.
 */
final class RevenueTopology {
    static final String SALES = "sales";
    static final String REVENUE = "revenue";
    static final Duration LATE_MAX = Duration.ofMinutes(10);

    private static final String STORE = "revenue-by-minute";
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Serde<Sale> SALE = JsonSerde.of(Sale.class);
    private static final Serde<Sums> SUMS = JsonSerde.of(Sums.class);

    private RevenueTopology() {}

    static Topology create() {
        var store = Stores.inMemoryWindowStore(STORE, LATE_MAX.plus(MINUTE), MINUTE, false);
        var builder = new StreamsBuilder();
        builder.stream(SALES, Consumed.with(Serdes.String(), SALE))
                .filter((key, sale) -> sale != null && sale.isUsable())
                .groupBy((key, sale) -> sale.product(), Grouped.with(Serdes.String(), SALE))
                .windowedBy(TimeWindows.ofSizeAndGrace(MINUTE, LATE_MAX))
                .aggregate(
                        () -> Sums.NONE,
                        (product, sale, sums) -> sums.plus(sale),
                        Materialized.<String, Sums>as(store)
                                .withKeySerde(Serdes.String())
                                .withValueSerde(SUMS))
                .toStream()
                .map(RevenueTopology::toRevenue)
                .processValues(HeaderRemoval<String, Revenue>::new)
                .to(REVENUE, Produced.with(Serdes.String(), JsonSerde.of(Revenue.class)));
        return builder.build();
    }

    private static KeyValue<String, Revenue> toRevenue(Windowed<String> product, Sums sums) {
        Revenue revenue = Revenue.of(product.key(), product.window().startTime(), sums);
        return KeyValue.pair(revenue.key(), revenue);
    }
}
