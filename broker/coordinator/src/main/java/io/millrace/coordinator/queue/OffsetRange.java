package io.millrace.coordinator.queue;

import static io.millrace.protocol.wire.Type.INT64;

import io.millrace.protocol.wire.Schema;

/** Consecutive offsets of a partition, both ends included. */
public record OffsetRange(long first, long last) {
    static final Schema<OffsetRange> SCHEMA = Schema.of(OffsetRange.class)
            .field("first", INT64)
            .field("last", INT64)
            .build();

    public OffsetRange {
        if (first < 0 || last < first) {
            throw new IllegalArgumentException("Offsets " + first + " to " + last
                    + " are no range; the first must be at least 0 and not above the last");
        }
    }

    public long count() {
        return last - first + 1;
    }
}
