package io.millrace.samples.streamprocessing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RevenueTableTest {
    private final RevenueTable table = new RevenueTable();

    @Test
    void theLatestMinuteStandsFirstAndItsProductsByName() {
        put("tea", 0, 700);
        put("tea", 1, 350);
        put("cups", 1, 900);

        assertThat(table.all()).extracting(Revenue::getProduct).containsExactly("cups", "tea", "tea");
        assertThat(table.all()).extracting(Revenue::getRevenueCents).containsExactly(900L, 350L, 700L);
    }

    @Test
    void sumsThatHaveGrownReplaceTheEarlierOnes() {
        put("tea", 0, 350);
        put("tea", 0, 700);
        put("tea", 0, 700);

        assertThat(table.all()).extracting(Revenue::getRevenueCents).containsExactly(700L);
    }

    @Test
    void theEarliestMinuteLeavesAfterAnHour() {
        IntStream.rangeClosed(0, RevenueTable.MINUTES_MAX).forEach(minute -> put("tea", minute, minute));

        assertThat(table.all()).hasSize(RevenueTable.MINUTES_MAX).noneMatch(revenue -> revenue.getRevenueCents() == 0);
    }

    @Test
    void inventedProductsDoNotFillTheMemory() {
        IntStream.range(0, RevenueTable.PRODUCTS_PER_MINUTE_MAX).forEach(i -> put("product-" + i, 0, 1));

        put("one-too-many", 0, 1);
        put("product-7", 0, 2);

        assertThat(table.all())
                .hasSize(RevenueTable.PRODUCTS_PER_MINUTE_MAX)
                .noneMatch(revenue -> revenue.getProduct().equals("one-too-many"))
                .anyMatch(revenue -> revenue.getRevenueCents() == 2);
    }

    private void put(String product, int minute, long revenueCents) {
        String beginning = Instant.ofEpochSecond(60L * minute).toString();
        table.put(new Revenue(product, beginning, 1, 1, revenueCents));
    }
}
