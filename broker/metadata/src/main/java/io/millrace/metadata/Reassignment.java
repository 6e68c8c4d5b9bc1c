package io.millrace.metadata;

import java.util.ArrayList;
import java.util.List;

/**
 * A move of a partition to other replicas that is under way (KIP-455). While it runs the partition's assignment is {@link #union}: the wanted
 * replicas in their order, then those that leave. Immutable.
 *
 * @param original the replicas before; a cancelled move ends there
 * @param target the replicas wanted; the move ends when all of them are in sync
 * @param throttleBytesPerSecond what each broker may fetch in a second for the replicas that it is given; {@link #UNTHROTTLED} to leave that to
 *     the broker
 */
public record Reassignment(List<Integer> original, List<Integer> target, long throttleBytesPerSecond) {
    public static final long UNTHROTTLED = 0;

    public Reassignment {
        original = List.copyOf(original);
        target = List.copyOf(target);
        if (throttleBytesPerSecond < 0) {
            throw new IllegalArgumentException("a throttle of " + throttleBytesPerSecond
                    + " bytes per second is not valid; it must be positive, or 0 for none");
        }
    }

    /** All replicas while the move runs, those wanted first. */
    public List<Integer> union() {
        var all = new ArrayList<>(target);
        all.addAll(removing());
        return List.copyOf(all);
    }

    /** The replicas that the partition gets, in the order of the target. */
    public List<Integer> adding() {
        return target.stream().filter(id -> !original.contains(id)).toList();
    }

    /** The replicas that the partition loses, in the order of the original. */
    public List<Integer> removing() {
        return original.stream().filter(id -> !target.contains(id)).toList();
    }
}
