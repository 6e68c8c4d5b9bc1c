package io.millrace.samples.streamprocessing;

/** What was sold of a product in a minute, so far, as Kafka Streams tells it: JSON in the record. */
public class Revenue {
    private String product;
    private String minute;
    private long sales;
    private long quantity;
    private long revenueCents;

    /** For JSON. */
    public Revenue() {}

    Revenue(String product, String minute, long sales, long quantity, long revenueCents) {
        this.product = product;
        this.minute = minute;
        this.sales = sales;
        this.quantity = quantity;
        this.revenueCents = revenueCents;
    }

    public String getProduct() {
        return product;
    }

    public void setProduct(String product) {
        this.product = product;
    }

    /** As ISO 8601 writes its beginning, in UTC. */
    public String getMinute() {
        return minute;
    }

    public void setMinute(String minute) {
        this.minute = minute;
    }

    public long getSales() {
        return sales;
    }

    public void setSales(long sales) {
        this.sales = sales;
    }

    public long getQuantity() {
        return quantity;
    }

    public void setQuantity(long quantity) {
        this.quantity = quantity;
    }

    public long getRevenueCents() {
        return revenueCents;
    }

    public void setRevenueCents(long revenueCents) {
        this.revenueCents = revenueCents;
    }

    boolean isUsable() {
        return product != null && minute != null;
    }
}
