package io.millrace.samples.streamprocessor;

import java.time.Instant;

/**
 * What was sold of a product in a minute, so far.
 *
 * @param minute as ISO 8601 writes its beginning, in UTC
 */
record Revenue(String product, String minute, long sales, long quantity, long revenueCents) {

    /** Sums without the product and the minute that they belong to, which are in the store's key. */
    record Sums(long sales, long quantity, long revenueCents) {
        static final Sums NONE = new Sums(0, 0, 0);

        Sums plus(Sale sale) {
            return new Sums(sales + 1, quantity + sale.quantity(), revenueCents + sale.quantity() * sale.priceCents());
        }
    }

    static Revenue of(String product, Instant minute, Sums sums) {
        return new Revenue(product, minute.toString(), sums.sales(), sums.quantity(), sums.revenueCents());
    }

    /** One for each row of a table: a compacted topic keeps the last of each. */
    String key() {
        return product + "/" + minute;
    }
}
