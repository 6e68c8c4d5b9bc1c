package io.millrace.samples.streamprocessing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SaleTest {

    @Test
    void aSaleOfATillIsAccepted() {
        assertThat(new Sale("till-1", "tea", 2, 350).objection()).isEmpty();
        assertThat(new Sale("till-1", "a smile", 1, 0).objection()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        ", tea, 1, 350, till",
        "' ', tea, 1, 350, till",
        "till-1, , 1, 350, product",
        "till-1, ' ', 1, 350, product",
        "till-1, tea, 0, 350, quantity",
        "till-1, tea, 10001, 350, quantity",
        "till-1, tea, 1, -1, priceCents",
        "till-1, tea, 1, 100000001, priceCents"
    })
    void whatCannotHaveBeenSoldIsObjectedTo(String till, String product, int quantity, long priceCents, String reason) {
        assertThat(new Sale(till, product, quantity, priceCents).objection())
                .hasValueSatisfying(text -> assertThat(text).contains(reason, "it was"));
    }

    @Test
    void aNameThatIsTooLongIsObjectedTo() {
        assertThat(new Sale("x".repeat(65), "tea", 1, 350).objection()).isPresent();
        assertThat(new Sale("till-1", "x".repeat(65), 1, 350).objection()).isPresent();
    }
}
