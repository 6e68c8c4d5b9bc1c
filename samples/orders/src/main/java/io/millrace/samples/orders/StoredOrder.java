package io.millrace.samples.orders;

/** A row of the table: an order, and how its message came. */
public class StoredOrder extends Order {
    private int deliveries;

    /** How often the message had been delivered when it was stored; 1 where nothing went wrong. */
    public int getDeliveries() {
        return deliveries;
    }

    public void setDeliveries(int deliveries) {
        this.deliveries = deliveries;
    }
}
