package io.millrace.coordinator.group;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * When which group is to be looked at, one time for each.
 *
 * <p>Owned by the loop of its groups. Deadlines move back with each heartbeat: a wake-up that comes too early finds out and
 * waits on.
 */
final class GroupWakeups {
    private record Wakeup(long deadlineMs, String groupId) {}

    private final TreeSet<Wakeup> inOrder =
            new TreeSet<>(Comparator.comparingLong(Wakeup::deadlineMs).thenComparing(Wakeup::groupId));
    private final Map<String, Long> ofGroup = new HashMap<>();

    /** The group is looked at no later than that; {@link Long#MAX_VALUE} changes nothing. */
    void noLaterThan(long deadlineMs, String groupId) {
        Long planned = ofGroup.get(groupId);
        if (deadlineMs == Long.MAX_VALUE || (planned != null && planned <= deadlineMs)) {
            return;
        }
        if (planned != null) {
            inOrder.remove(new Wakeup(planned, groupId));
        }
        inOrder.add(new Wakeup(deadlineMs, groupId));
        ofGroup.put(groupId, deadlineMs);
    }

    /** A group whose time has come, which then has no wake-up any more. */
    Optional<String> takeDue(long nowMs) {
        if (nextMs() > nowMs || inOrder.isEmpty()) {
            return Optional.empty();
        }
        String groupId = inOrder.pollFirst().groupId();
        ofGroup.remove(groupId);
        return Optional.of(groupId);
    }

    /** When the next is due; {@link Long#MAX_VALUE} for never. */
    long nextMs() {
        return inOrder.isEmpty() ? Long.MAX_VALUE : inOrder.first().deadlineMs();
    }
}
