package io.millrace.samples.streamprocessing;

import java.util.Optional;

/** What a till has sold, as it travels: JSON in the request and in the message. */
public class Sale {
    private static final int NAME_LENGTH_MAX = 64;
    private static final int QUANTITY_MAX = 10_000;
    private static final long PRICE_CENTS_MAX = 100_000_000;

    private String till;
    private String product;
    private int quantity;
    private long priceCents;

    /** For JSON. */
    public Sale() {}

    Sale(String till, String product, int quantity, long priceCents) {
        this.till = till;
        this.product = product;
        this.quantity = quantity;
        this.priceCents = priceCents;
    }

    public String getTill() {
        return till;
    }

    public void setTill(String till) {
        this.till = till;
    }

    public String getProduct() {
        return product;
    }

    public void setProduct(String product) {
        this.product = product;
    }

    public int getQuantity() {
        return quantity;
    }

    public void setQuantity(int quantity) {
        this.quantity = quantity;
    }

    /** Of one piece. */
    public long getPriceCents() {
        return priceCents;
    }

    public void setPriceCents(long priceCents) {
        this.priceCents = priceCents;
    }

    /** Why nothing of the kind can have been sold. */
    Optional<String> objection() {
        if (!isName(till)) {
            return Optional.of("a sale has a till of 1 to " + NAME_LENGTH_MAX + " characters; it was " + till);
        }
        if (!isName(product)) {
            return Optional.of("a sale has a product of 1 to " + NAME_LENGTH_MAX + " characters; it was " + product);
        }
        if (quantity < 1 || quantity > QUANTITY_MAX) {
            return Optional.of("a sale has a quantity of 1 to " + QUANTITY_MAX + "; it was " + quantity);
        }
        return priceCents < 0 || priceCents > PRICE_CENTS_MAX
                ? Optional.of("a sale has a priceCents of 0 to " + PRICE_CENTS_MAX + "; it was " + priceCents)
                : Optional.empty();
    }

    private static boolean isName(String name) {
        return name != null && !name.isBlank() && name.length() <= NAME_LENGTH_MAX;
    }
}
