package io.millrace.coordinator.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class DelayedRecordsTest {
    private static final long START_MS = 1_700_000_000_000L;
    private static final long LATE_MAX_MS = 1_000;

    @Property(tries = 100)
    void aRecordIsDueNeverEarlyAndAtMostASecondLate(@ForAll long seed) {
        var random = new Random(seed);
        var delayed = new DelayedRecords(3);
        Map<Long, Long> dueTimes = new HashMap<>();
        for (long offset = 0; offset < 200; offset++) {
            long dueMs = START_MS + 1 + (long) Math.pow(10, 9 * random.nextDouble());
            dueTimes.put(offset, dueMs);
            delayed.add(dueMs, offset, START_MS);
        }

        int looks = 0;
        while (!delayed.isEmpty()) {
            long nowMs = delayed.nextMs();
            var due = new OffsetSet();
            var near = new OffsetSet();
            delayed.moveTo(due, near, nowMs);
            due.addAll(near);
            for (long offset = due.first(); offset < Long.MAX_VALUE; offset = due.nextMember(offset + 1)) {
                looks++;
                if (dueTimes.get(offset) > nowMs) {
                    delayed.add(dueTimes.get(offset), offset, nowMs);
                } else {
                    assertThat(nowMs - dueTimes.remove(offset)).isBetween(0L, LATE_MAX_MS);
                }
            }
        }

        assertThat(dueTimes).isEmpty();
        assertThat(looks).isLessThan(200 * 6);
    }
}
