package io.millrace.samples.streamprocessing;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** The revenue of the last hour in which something was sold, by minute and product. Safe for threads. */
@ApplicationScoped
public class RevenueTable {
    static final int MINUTES_MAX = 60;
    /** Further products of the same minute are left out. */
    static final int PRODUCTS_PER_MINUTE_MAX = 1_000;

    private final TreeMap<String, TreeMap<String, Revenue>> minutes = new TreeMap<>();

    /** Sums replace earlier ones of the same product and minute, so that one that comes twice changes nothing. */
    public synchronized void put(Revenue revenue) {
        TreeMap<String, Revenue> products = minutes.computeIfAbsent(revenue.getMinute(), ignored -> new TreeMap<>());
        if (products.size() < PRODUCTS_PER_MINUTE_MAX || products.containsKey(revenue.getProduct())) {
            products.put(revenue.getProduct(), revenue);
        }
        while (minutes.size() > MINUTES_MAX) {
            minutes.pollFirstEntry();
        }
    }

    /** The latest minute first, its products in the order of their names. */
    public synchronized List<Revenue> all() {
        var all = new ArrayList<Revenue>();
        minutes.descendingMap().values().forEach(products -> all.addAll(products.values()));
        return all;
    }
}
