package io.millrace.server.queue;

import io.millrace.selector.InvalidSelectorSyntaxException;
import io.millrace.selector.MessageSelector;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Readers of one partition's records, one for each selector. Owned by the partition's loop; keeps those that were used lately. */
final class SelectingReaders {
    private static final int KEPT_MAX = 1_000;

    private final Supplier<String> partition;
    private final Map<String, SelectingReader> bySelector = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, SelectingReader> eldest) {
            return size() > KEPT_MAX;
        }
    };

    /** @param partition its name, as messages have it */
    SelectingReaders(Supplier<String> partition) {
        this.partition = partition;
    }

    /** @param selector was found to be one */
    SelectingReader reader(String selector) {
        return bySelector.computeIfAbsent(selector, text -> new SelectingReader(parse(text), partition.get()));
    }

    private static MessageSelector parse(String selector) {
        try {
            return MessageSelector.parse(selector);
        } catch (InvalidSelectorSyntaxException e) {
            throw new IllegalStateException("A selector was not checked before it was used: " + e.getMessage(), e);
        }
    }
}
