package io.millrace.coordinator.queue;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a consumer says of records it has acquired; both ends of the offsets are included.
 *
 * @param deliveries how often it has delivered them to its application since it acquired them; counts where they are
 *     released
 * @param error why they are released or rejected; null where the consumer does not say
 */
public record Settlement(long first, long last, Verdict verdict, int deliveries, @Nullable String error) {

    /** Without a reason. */
    public Settlement(long first, long last, Verdict verdict, int deliveries) {
        this(first, last, verdict, deliveries, null);
    }

    /** Of records that were delivered once. */
    public Settlement(long first, long last, Verdict verdict) {
        this(first, last, verdict, 1);
    }

    /** What is to become of the records (KIP-932's words). */
    public enum Verdict {
        /** Processed: never to be delivered again. */
        ACCEPT,
        /** Not processed: available again, the deliveries counted, or dead when these were too many. */
        RELEASE,
        /** Not handed to the application: available again as if never delivered. */
        RETURN,
        /** Cannot be processed: dead, or gone where nothing is. */
        REJECT
    }

    /** Whether no offset is in two of them, and each ends where it begins or behind. */
    static boolean areDisjoint(List<Settlement> settlements) {
        List<Settlement> inOrder = settlements.stream()
                .sorted(Comparator.comparingLong(Settlement::first))
                .toList();
        long end = 0;
        for (Settlement settlement : inOrder) {
            if (settlement.first() < end || settlement.last() < settlement.first()) {
                return false;
            }
            end = settlement.last() + 1;
        }
        return true;
    }

    public OffsetRange range() {
        return new OffsetRange(first, last);
    }
}
