package io.millrace.coordinator.queue;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Disjoint spans in offset order; neighbours of the same state are one span.
 *
 * <p>Not safe for use by several threads.
 */
final class SpanMap {
    private final TreeMap<Long, Span> spans = new TreeMap<>(); // by first offset
    private long records;

    /** How many offsets the spans hold together. */
    long records() {
        return records;
    }

    boolean isEmpty() {
        return spans.isEmpty();
    }

    Collection<Span> spans() {
        return spans.values();
    }

    /** The span that has the offset, or null. */
    @Nullable
    Span find(long offset) {
        Map.Entry<Long, Span> entry = spans.floorEntry(offset);
        return entry == null || entry.getValue().last() < offset ? null : entry.getValue();
    }

    /** Where the next span behind the offset begins, or {@link Long#MAX_VALUE}. */
    long nextFirst(long offset) {
        Long first = spans.higherKey(offset);
        return first == null ? Long.MAX_VALUE : first;
    }

    /** Adds a span that overlaps none of those here. */
    void put(Span span) {
        Span merged = span;
        Map.Entry<Long, Span> before = spans.lowerEntry(span.first());
        if (before != null && before.getValue().continuesAs(span)) {
            merged = span.between(before.getKey(), span.last());
        }
        Span after = spans.get(span.last() + 1);
        if (after != null && span.continuesAs(after)) {
            spans.remove(after.first());
            merged = merged.between(merged.first(), after.last());
        }
        spans.put(merged.first(), merged);
        records += span.count();
    }

    /** Takes out what lies within both ends, cutting the spans that reach over them. In offset order. */
    List<Span> cut(long first, long last) {
        var cutOut = new ArrayList<Span>();
        Map.Entry<Long, Span> entry = spans.floorEntry(first);
        if (entry == null || entry.getValue().last() < first) {
            entry = spans.higherEntry(first);
        }
        while (entry != null && entry.getKey() <= last) {
            cutOut.add(cutOne(entry.getValue(), first, last));
            entry = spans.higherEntry(entry.getKey());
        }
        return cutOut;
    }

    private Span cutOne(Span span, long first, long last) {
        Span middle = span.between(Math.max(first, span.first()), Math.min(last, span.last()));
        if (middle.first() > span.first()) {
            spans.put(span.first(), span.between(span.first(), middle.first() - 1));
        } else {
            spans.remove(span.first());
        }
        if (middle.last() < span.last()) {
            spans.put(middle.last() + 1, span.between(middle.last() + 1, span.last()));
        }
        records -= middle.count();
        return middle;
    }

    /** Whether spans that satisfy the condition cover every offset within both ends. */
    boolean covers(long first, long last, Predicate<Span> condition) {
        Map.Entry<Long, Span> entry = spans.floorEntry(first);
        long next = first;
        while (next <= last) {
            if (entry == null || entry.getKey() > next || entry.getValue().last() < next) {
                return false;
            }
            if (!condition.test(entry.getValue())) {
                return false;
            }
            next = entry.getValue().last() + 1;
            entry = spans.higherEntry(entry.getKey());
        }
        return true;
    }

    /** Takes out every span that satisfies the condition. In offset order. */
    List<Span> remove(Predicate<Span> condition) {
        List<Span> removed = spans.values().stream().filter(condition).toList();
        for (Span span : removed) {
            spans.remove(span.first());
            records -= span.count();
        }
        return removed;
    }
}
