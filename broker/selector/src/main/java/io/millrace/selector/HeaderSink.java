package io.millrace.selector;

import org.jspecify.annotations.Nullable;

/** Takes headers in the order in which a record is to carry them. */
@FunctionalInterface
public interface HeaderSink {
    void header(String name, byte @Nullable [] value);
}
