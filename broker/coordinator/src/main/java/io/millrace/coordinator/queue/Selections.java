package io.millrace.coordinator.queue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * All selections of one cursor: that of all records, and one for each selector that consumers have. Consumers with the same selector share it.
 *
 * <p>Owned by the loop that dispatches the partition. A selection without consumers is kept for a while, since its next consumer may come soon; how many of
 * them is bounded.
 */
final class Selections {
    /** Different selectors at once. */
    static final int SELECTORS_MAX = 1_000;
    /** Consumers with a selector. */
    static final int CONSUMERS_MAX = 10_000;
    /** Selections that nobody has. */
    static final int IDLE_MAX = 16;

    private final Selection all;
    private final Function<String, Selection> newSelection;
    private final Consumer<Selection> onEnded;
    private final Map<String, Selection> bySelector =
            new LinkedHashMap<>(); // those of consumers; the latest at the end
    private final Map<ConsumerId, Selection> byConsumer = new HashMap<>();

    /**
     * That of all.
     *
     * @param newSelection begins another one
     * @param onEnded is told of one that is kept no more
     */
    Selections(Selection all, Function<String, Selection> newSelection, Consumer<Selection> onEnded) {
        this.all = all;
        this.newSelection = newSelection;
        this.onEnded = onEnded;
    }

    Selection all() {
        return all;
    }

    Selection of(ConsumerId consumer) {
        return byConsumer.isEmpty() ? all : byConsumer.getOrDefault(consumer, all);
    }

    /**
     * From now on the consumer has this selector, until it is gone.
     *
     * @return false where there are too many consumers with selectors, or too many selectors
     */
    boolean select(ConsumerId consumer, String selector) {
        Selection before = of(consumer);
        if (before.selector().equals(selector)) {
            return true;
        }
        leave(consumer, before);
        if (selector.equals(Selection.ALL)) {
            return true;
        }
        boolean isTooMuch = byConsumer.size() >= CONSUMERS_MAX
                || (!bySelector.containsKey(selector) && bySelector.size() >= SELECTORS_MAX);
        if (isTooMuch) {
            return false;
        }
        Selection joined = bySelector.remove(selector);
        if (joined == null) {
            joined = newSelection.apply(selector);
        }
        bySelector.put(selector, joined);
        byConsumer.put(consumer, joined);
        joined.onConsumer(1);
        return true;
    }

    private void leave(ConsumerId consumer, Selection left) {
        if (byConsumer.remove(consumer) == null) {
            return;
        }
        left.onConsumer(-1);
        if (left.consumers() == 0) {
            bySelector.remove(left.selector());
            bySelector.put(left.selector(), left);
            endIdle();
        }
    }

    private void endIdle() {
        long idle = bySelector.values().stream()
                .filter(selection -> selection.consumers() == 0)
                .count();
        Iterator<Selection> each = bySelector.values().iterator();
        while (idle > IDLE_MAX && each.hasNext()) {
            Selection oldest = each.next();
            if (oldest.consumers() == 0) {
                each.remove();
                onEnded.accept(oldest);
                idle--;
            }
        }
    }

    void onGone(Predicate<ConsumerId> isGone) {
        if (byConsumer.isEmpty()) {
            return;
        }
        for (ConsumerId consumer : new ArrayList<>(byConsumer.keySet())) {
            if (isGone.test(consumer)) {
                leave(consumer, of(consumer));
            }
        }
    }

    /** Records were handed out, or withheld: to be found nowhere else. */
    void takeOut(long first, long last, long group, Selection except) {
        if (except != all) {
            all.available().takeOut(first, last, group);
        }
        for (Selection selection : bySelector.values()) {
            if (selection != except) {
                selection.available().takeOut(first, last, group);
            }
        }
    }

    void forEach(Consumer<Selection> visitor) {
        visitor.accept(all);
        bySelector.values().forEach(visitor);
    }

    long nextTimeMs() {
        long next = all.available().nextTimeMs();
        for (Selection selection : bySelector.values()) {
            next = Math.min(next, selection.available().nextTimeMs());
        }
        return next;
    }
}
