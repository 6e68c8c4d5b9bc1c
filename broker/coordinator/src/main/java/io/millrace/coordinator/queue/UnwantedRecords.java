package io.millrace.coordinator.queue;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Offsets that nobody is to have, and that no record of the cursor log says so of yet.
 *
 * <p>Not safe for use by several threads.
 */
final class UnwantedRecords {
    private final @Nullable String subscription;
    private List<OffsetRange> missing = new ArrayList<>();
    private List<OffsetRange> expired = new ArrayList<>();

    UnwantedRecords(@Nullable String subscription) {
        this.subscription = subscription;
    }

    /** Offsets without a record for a consumer. */
    void addMissing(long first, long last) {
        add(missing, first, last);
    }

    void addExpired(long first, long last) {
        add(expired, first, last);
    }

    private static void add(List<OffsetRange> ranges, long first, long last) {
        int size = ranges.size();
        if (size > 0 && ranges.get(size - 1).last() + 1 == first) {
            ranges.set(size - 1, new OffsetRange(ranges.get(size - 1).first(), last));
        } else {
            ranges.add(new OffsetRange(first, last));
        }
    }

    /** The records that say it; once. */
    List<CursorRecord> take() {
        if (missing.isEmpty() && expired.isEmpty()) {
            return List.of();
        }
        var records = new ArrayList<CursorRecord>(2);
        CursorRecord.Acknowledged.addTo(records, subscription, AcknowledgeOutcome.ACCEPTED, missing);
        CursorRecord.Acknowledged.addTo(records, subscription, AcknowledgeOutcome.EXPIRED, expired);
        missing = new ArrayList<>();
        expired = new ArrayList<>();
        return records;
    }
}
