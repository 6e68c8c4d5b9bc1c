package io.millrace.samples.orders;

import java.util.Optional;

/** An order as it travels: JSON in the request, in the message and in the answer. */
public class Order {
    private static final int ID_LENGTH_MAX = 64;
    private static final int ITEM_LENGTH_MAX = 255;

    private String id;
    private String item;
    private int quantity;

    public String getId() {
        return id;
    }

    public void setId(String id) {
        this.id = id;
    }

    public String getItem() {
        return item;
    }

    public void setItem(String item) {
        this.item = item;
    }

    public int getQuantity() {
        return quantity;
    }

    public void setQuantity(int quantity) {
        this.quantity = quantity;
    }

    /** Why this order cannot be stored; a message that can never be stored would come back for ever. */
    Optional<String> objection() {
        if (id != null && (id.isBlank() || id.length() > ID_LENGTH_MAX)) {
            return Optional.of("an order's id has 1 to " + ID_LENGTH_MAX + " characters");
        }
        if (item == null || item.isBlank() || item.length() > ITEM_LENGTH_MAX) {
            return Optional.of("an order needs an item of 1 to " + ITEM_LENGTH_MAX + " characters");
        }
        return quantity < 1 ? Optional.of("an order needs a quantity of at least 1") : Optional.empty();
    }
}
