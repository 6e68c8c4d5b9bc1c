package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.replication.SimulationChecks.LogName;
import io.millrace.storage.LogSamples;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the clients of a simulated cluster were told and what they asked for, and what the logs must hold because of that. */
final class SimulationHistory {
    private final Map<LogName, Map<Long, String>> acknowledged = new HashMap<>();
    private final Map<LogName, Long> committed = new HashMap<>();
    /** Below these offsets records may be gone. */
    private final Map<LogName, Long> deletedUpTo = new HashMap<>();

    private int acknowledgedCount;
    private int deletionCount;

    int acknowledgedCount() {
        return acknowledgedCount;
    }

    int deletionCount() {
        return deletionCount;
    }

    void onAcknowledged(LogName log, long baseOffset, String[] values) {
        var ofLog = acknowledged.computeIfAbsent(log, missing -> new HashMap<>());
        for (int i = 0; i < values.length; i++) {
            String before = ofLog.put(baseOffset + i, values[i]);
            assertThat(before)
                    .as("acknowledged at offset %d of %s before %s was", baseOffset + i, log, values[i])
                    .isNull();
        }
        acknowledgedCount += values.length;
        onCommitted(log, baseOffset + values.length);
    }

    void onCommitted(LogName log, long end) {
        committed.merge(log, end, Math::max);
    }

    /** Where what is committed ends, as far as anybody knows. */
    long committedEnd(LogName log) {
        return committed.getOrDefault(log, 0L);
    }

    /** Somebody asks for the deletion of records, which may happen from now on. */
    void onDeletionAsked(LogName log, long before) {
        deletionCount++;
        deletedUpTo.merge(log, before, Math::max);
    }

    void checkStart(LogName log, int brokerId, long logStartOffset) {
        long deleted = deletedUpTo.getOrDefault(log, 0L);
        if (logStartOffset > deleted) {
            throw new AssertionError("the log start offset of " + log + " on broker " + brokerId + " is "
                    + logStartOffset + ", but nothing beyond " + deleted + " was deleted");
        }
    }

    /**
     * All replicas of a partition are in sync, and nothing is going on.
     *
     * @param suspect replicas that may hold damage that nobody has read
     */
    void checkThatNothingIsLost(PartitionKey key, List<Partition> whole, List<Partition> suspect) {
        for (LogKind kind : whole.get(0).logKinds()) {
            var log = new LogName(key, kind);
            long start = whole.stream()
                    .mapToLong(partition -> partition.logStartOffset(kind))
                    .max()
                    .orElseThrow();
            ByteBuf contents = contents(whole.get(0), kind, start);
            whole.forEach(other -> assertThat(contents(other, kind, start))
                    .as("%s on two replicas", log)
                    .isEqualTo(contents));
            suspect.forEach(other -> assertThat(other.logEndOffset(kind))
                    .as("the end of %s on a replica that was damaged", log)
                    .isEqualTo(whole.get(0).logEndOffset(kind)));
            checkThatAcknowledgedAreIn(contents, log, start);
        }
    }

    private void checkThatAcknowledgedAreIn(ByteBuf contents, LogName log, long start) {
        var values = new ArrayList<String>();
        LogSamples.addValues(contents, start, values);
        var byOffset = new HashMap<Long, String>();
        for (String value : values) {
            int colon = value.indexOf(':');
            byOffset.put(Long.parseLong(value.substring(0, colon)), value.substring(colon + 1));
        }
        acknowledged.getOrDefault(log, Map.of()).forEach((offset, value) -> {
            if (offset >= start) {
                assertThat(byOffset.get(offset))
                        .as("acknowledged record at offset %d of %s", offset, log)
                        .isEqualTo(value);
            }
        });
    }

    private static ByteBuf contents(Partition partition, LogKind kind, long from) {
        ByteBuf contents = Unpooled.buffer();
        LogMatching.read(partition, kind, from, contents::writeBytes);
        return contents;
    }
}
