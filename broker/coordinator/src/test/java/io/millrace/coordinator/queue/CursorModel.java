package io.millrace.coordinator.queue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** What a cursor must do, offset by offset. */
final class CursorModel {
    /** No record is delayed by more, or expires later. */
    static final long DISTANCE_MAX_MS = 10_000;

    /** Selectors, beside that of all. */
    static final String FEW = "few";

    static final String MANY = "many";

    private record Terms(long dueMs, long expirationMs, int priority, long group, int color) {}

    final Set<Long> confirmed = new HashSet<>(); // the client knows that they were acknowledged
    final Set<Long> acknowledged = new HashSet<>(); // their record is committed
    final Set<Long> settling = new HashSet<>();
    final Map<Long, ConsumerId> holders = new HashMap<>();
    final Map<Long, Integer> deliveries = new HashMap<>();
    final Map<Long, Integer> mostDeliveries = new HashMap<>();
    final Set<Long> everReturned = new HashSet<>();
    final Set<Long> dead = new HashSet<>(); // on their way to the dead-letter queue; a part of what is settling
    private final Map<Long, Long> pausesUntilMs = new HashMap<>();
    private final Set<Long> givenBack = new HashSet<>();
    private final Map<Long, ConsumerId> inFlight = new HashMap<>(); // acquired, or settling after that
    private final List<Terms> terms = new ArrayList<>();
    private final int kinds;
    long start;
    long end;
    long nowMs = 100_000;

    /** @param kinds how much is special: 0 nothing, to 3 much */
    CursorModel(int kinds) {
        this.kinds = kinds;
    }

    void append(Random random, int count) {
        for (int i = 0; i < count; i++) {
            terms.add(new Terms(
                    isSpecial(random) ? nowMs + random.nextInt((int) DISTANCE_MAX_MS) / (1 + random.nextInt(20)) : 0,
                    isSpecial(random) ? nowMs + random.nextInt((int) DISTANCE_MAX_MS) : 0,
                    isSpecial(random) ? random.nextInt(10) : DeliveryHeaders.DEFAULT_PRIORITY,
                    isSpecial(random) ? 1 + random.nextInt(4) : DeliveryHeaders.NONE,
                    random.nextInt(6)));
        }
        end += count;
    }

    private boolean isSpecial(Random random) {
        return random.nextInt(6) < kinds;
    }

    void describe(long offset, DeliveryHeaders headers) {
        Terms said = terms.get((int) offset);
        headers.clear();
        headers.deliveryTimeMs(said.dueMs());
        headers.expirationMs(said.expirationMs());
        headers.priority(said.priority());
        if (said.group() != DeliveryHeaders.NONE) {
            headers.group(said.group());
        }
    }

    boolean matches(String selector, long offset) {
        int color = terms.get((int) offset).color();
        return switch (selector) {
            case FEW -> color == 0;
            case MANY -> color < 4;
            default -> true;
        };
    }

    boolean isDue(long offset) {
        return terms.get((int) offset).dueMs() <= nowMs && !isPausing(offset);
    }

    boolean isPausing(long offset) {
        return pausesUntilMs.getOrDefault(offset, 0L) > nowMs;
    }

    boolean isExpired(long offset) {
        long expirationMs = terms.get((int) offset).expirationMs();
        return expirationMs != 0 && expirationMs <= nowMs;
    }

    /** What nobody holds and nobody has settled, due or not. */
    List<Long> available() {
        var available = new ArrayList<Long>();
        for (long offset = start; offset < end; offset++) {
            if (!acknowledged.contains(offset) && !settling.contains(offset) && !holders.containsKey(offset)) {
                available.add(offset);
            }
        }
        return available;
    }

    /** What a consumer gets, in this order. */
    List<Long> expected(ConsumerId consumer, String selector, long count, LongPredicate isReserved) {
        var expected = new ArrayList<Long>();
        var taken = new HashMap<>(inFlight);
        while (expected.size() < count) {
            Long next = first(consumer, selector, taken);
            if (next == null || !isReserved.test(next)) {
                break;
            }
            expected.add(next);
            taken.put(next, consumer);
        }
        return expected;
    }

    private @Nullable Long first(ConsumerId consumer, String selector, Map<Long, ConsumerId> taken) {
        return available().stream()
                .filter(offset -> !taken.containsKey(offset) && isDue(offset) && !isExpired(offset))
                .filter(offset -> matches(selector, offset))
                .filter(offset -> mayHave(consumer, terms.get(offset.intValue()).group(), taken))
                .min(Comparator.<Long>comparingInt(
                                offset -> -terms.get(offset.intValue()).priority())
                        .thenComparing(offset -> !isGivenBackFirst(offset))
                        .thenComparing(offset -> offset))
                .orElse(null);
    }

    private boolean isGivenBackFirst(long offset) {
        return givenBack.contains(offset) && terms.get((int) offset).group() == DeliveryHeaders.NONE;
    }

    private boolean mayHave(ConsumerId consumer, long group, Map<Long, ConsumerId> taken) {
        return group == DeliveryHeaders.NONE
                || taken.entrySet().stream()
                        .filter(flight -> terms.get(flight.getKey().intValue()).group() == group)
                        .allMatch(flight -> flight.getValue().equals(consumer));
    }

    void onAcquired(long offset, ConsumerId consumer) {
        assertMayHave(consumer, terms.get((int) offset).group());
        holders.put(offset, consumer);
        inFlight.put(offset, consumer);
    }

    private void assertMayHave(ConsumerId consumer, long group) {
        if (!mayHave(consumer, group, inFlight)) {
            throw new AssertionError("Group " + group + " is in flight elsewhere: " + inFlight);
        }
    }

    void onGivenBack(long offset) {
        inFlight.remove(offset);
        givenBack.add(offset);
    }

    void onPaused(long offset, long untilMs) {
        onGivenBack(offset);
        pausesUntilMs.put(offset, untilMs);
    }

    void onDead(long offset) {
        inFlight.remove(offset);
        settling.add(offset);
        dead.add(offset);
    }

    void onAcknowledged(long offset) {
        acknowledged.add(offset);
        dead.remove(offset);
        settling.remove(offset);
        inFlight.remove(offset);
    }

    void onLeaderLost() {
        settling.clear();
        holders.clear();
        inFlight.clear();
        givenBack.clear();
        dead.clear();
        pausesUntilMs.clear();
    }

    int mostDeliveries(long offset) {
        return mostDeliveries.getOrDefault(offset, 0);
    }

    long prefixEnd() {
        long offset = start;
        while (acknowledged.contains(offset)) {
            offset++;
        }
        return offset;
    }
}
