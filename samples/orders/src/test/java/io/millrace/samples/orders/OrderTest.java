package io.millrace.samples.orders;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OrderTest {

    @Test
    void anOrderWithItemAndQuantityIsAccepted() {
        assertThat(order(null, "tea", 1).objection()).isEmpty();
        assertThat(order("o-1", "tea", 1).objection()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "'', tea, 1, id",
        "o-1, ' ', 1, item",
        "o-1, , 1, item",
        "o-1, tea, 0, quantity",
        "o-1, tea, -3, quantity"
    })
    void anOrderThatCanNeverBeStoredIsRefused(String id, String item, int quantity, String reason) {
        assertThat(order(id, item, quantity).objection())
                .hasValueSatisfying(text -> assertThat(text).contains(reason));
    }

    @Test
    void whatIsLongerThanItsColumnIsRefused() {
        assertThat(order("x".repeat(65), "tea", 1).objection()).isPresent();
        assertThat(order("o-1", "x".repeat(256), 1).objection()).isPresent();
    }

    private static Order order(String id, String item, int quantity) {
        var order = new Order();
        order.setId(id);
        order.setItem(item);
        order.setQuantity(quantity);
        return order;
    }
}
