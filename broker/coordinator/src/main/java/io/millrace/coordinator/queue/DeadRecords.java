package io.millrace.coordinator.queue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The records of one cursor that are on their way to the dead-letter queue: nobody gets them any more, and they are not acknowledged yet.
 *
 * <p>Not safe for use by several threads. First the cursor log learns which records are moved and by which producer, then they are written to the dead-letter
 * queue, then they are acknowledged here. A leader that finds the first and not the last writes them again, under the same producer, whose
 * batch the dead-letter queue takes once.
 *
 * <pre>
 *   waiting --DeadLettering is committed--> moving --Acknowledged is committed--> forgotten
 *      ^                                      |
 *      `----- the dead-letter queue refuses --'
 * </pre>
 */
public final class DeadRecords {
    /** With so many of them waiting others live on, as nobody takes the dead ones away. */
    static final int WAITING_MAX = 10_000;

    private final AcknowledgedOffsets acknowledged;
    private final int waitingMax;
    private final Map<Long, DeadLetter> letters = new LinkedHashMap<>(); // by offset, in the order of their turns
    private CursorRecord.@Nullable DeadLettering moving;

    /**
     * None are dead.
     *
     * @param acknowledged by the cursor, which goes on changing it
     * @param heldMax what the cursor may hold, of which dead records are a part
     */
    DeadRecords(AcknowledgedOffsets acknowledged, long heldMax) {
        this.acknowledged = acknowledged;
        this.waitingMax = (int) Math.min(WAITING_MAX, heldMax / 2);
    }

    public boolean isEmpty() {
        return letters.isEmpty();
    }

    boolean hasRoom(long records) {
        return letters.size() + records <= waitingMax;
    }

    void add(DeadLetter letter) {
        letters.put(letter.offset(), letter);
    }

    /** Those whose turn it is. */
    public List<DeadLetter> first(int count) {
        return letters.values().stream().limit(count).toList();
    }

    /** Others are moved before it. */
    public void postpone(long offset) {
        DeadLetter letter = letters.remove(offset);
        if (letter != null) {
            letters.put(offset, letter);
        }
    }

    /** Which are being moved. */
    public Optional<CursorRecord.DeadLettering> moving() {
        return Optional.ofNullable(moving);
    }

    /** The cursor log says so; also of what has been moved since. */
    void onMoving(CursorRecord.DeadLettering begun) {
        moving = isSettled(begun) ? moving : begun;
    }

    private boolean isSettled(CursorRecord.DeadLettering begun) {
        return begun.letters().stream().allMatch(letter -> acknowledged.contains(letter.offset()));
    }

    /** The dead-letter queue has not taken what is being moved, and never will. */
    public void onMoveRefused() {
        moving = null;
    }

    /** The leader begins to dispatch: what an earlier one was moving is dead from the beginning. */
    List<DeadLetter> takeOver() {
        List<DeadLetter> taken = moving == null
                ? List.of()
                : moving.letters().stream()
                        .filter(letter -> !acknowledged.contains(letter.offset()))
                        .toList();
        taken.forEach(this::add);
        return taken;
    }

    /** They are acknowledged. */
    void remove(long first, long last) {
        if (!letters.isEmpty()) {
            letters.keySet().removeIf(offset -> first <= offset && offset <= last);
        }
        if (moving != null && isSettled(moving)) {
            moving = null;
        }
    }

    /** What has been delivered more than once. */
    List<DeliveryCount> repeated() {
        var repeated = new ArrayList<DeliveryCount>();
        for (DeadLetter letter : letters.values()) {
            if (letter.deliveryCount() > 1) {
                repeated.add(new DeliveryCount(letter.offset(), letter.offset(), letter.deliveryCount()));
            }
        }
        return repeated;
    }
}
