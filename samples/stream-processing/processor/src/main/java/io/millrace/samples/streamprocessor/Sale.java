package io.millrace.samples.streamprocessor;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import org.jspecify.annotations.Nullable;

/** What a till has sold, as a bean sends it; what else it tells is of no interest here. */
@JsonIgnoreProperties(ignoreUnknown = true)
record Sale(@Nullable String product, int quantity, long priceCents) {

    /** Whether it can be summed up; whoever can write to the topic may have sent it. */
    boolean isUsable() {
        return product != null && quantity > 0 && priceCents >= 0;
    }
}
