package io.millrace.replication;

import io.millrace.metadata.TopicImage;
import io.millrace.storage.CorruptLogException;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.StorageException;
import java.lang.System.Logger.Level;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Brings the logs of lost replicas back once the controller has released them: damaged ones are cut where their whole part ends, missing
 * ones begin empty; the leader has the rest.
 *
 * <p>Owned by the loop of the replicas; logs are read on a loop of its own, so that long checks keep nobody waiting.
 */
final class ReplicaRepair {
    private static final System.Logger LOGGER = System.getLogger(ReplicaRepair.class.getName());
    private static final long PAUSE_MS = 1_000;
    private static final long PAUSE_MAX_MS = 60_000;

    private final ReplicaLoops loops;
    private final LostReplicas lost;
    private final ReplicaLogs logs;
    private final Function<PartitionKey, Optional<TopicImage>> topics;
    private final BiConsumer<PartitionKey, Map<LogKind, PartitionLog>> onRepaired;
    /** As many as there are lost replicas. */
    private final Set<PartitionKey> underWay = new HashSet<>();

    /**
     * @param topics the topic of a partition, if it is still there
     * @param onRepaired called on the loop of the replicas
     */
    ReplicaRepair(
            ReplicaLoops loops,
            LostReplicas lost,
            ReplicaLogs logs,
            Function<PartitionKey, Optional<TopicImage>> topics,
            BiConsumer<PartitionKey, Map<LogKind, PartitionLog>> onRepaired) {
        this.loops = loops;
        this.lost = lost;
        this.logs = logs;
        this.topics = topics;
        this.onRepaired = onRepaired;
    }

    /** @param former what has used the logs until now; it is closed first */
    void begin(PartitionKey key, @Nullable Partition former) {
        boolean isOffline =
                topics.apply(key).filter(topic -> logs.isOffline(key, topic)).isPresent();
        if (isOffline || !underWay.add(key)) {
            return;
        }
        if (former == null) {
            loops.repair().execute(() -> attempt(key, PAUSE_MS));
            return;
        }
        former.loop().execute(() -> {
            former.close("partition " + former + " gets its log back from its leader");
            loops.repair().execute(() -> attempt(key, PAUSE_MS));
        });
    }

    /** On the loop of repairs. */
    private void attempt(PartitionKey key, long pauseMs) {
        var replica = lost.get(key);
        var topic = topics.apply(key);
        if (replica.isEmpty() || topic.isEmpty() || logs.isOffline(key, topic.get())) {
            loops.main().execute(() -> underWay.remove(key));
            return;
        }
        try {
            boolean isDamaged = replica.get().reason() instanceof CorruptLogException;
            var opened = logs.restore(key, topic.get(), isDamaged);
            LOGGER.log(
                    Level.INFO,
                    () -> "Partition " + replica.get().name()
                            + " has a usable log again; its leader has what is missing");
            loops.main().execute(() -> {
                underWay.remove(key);
                onRepaired.accept(key, opened);
            });
        } catch (StorageException e) {
            LOGGER.log(
                    Level.WARNING,
                    () -> "Partition " + replica.get().name() + " cannot be repaired yet; next attempt in " + pauseMs
                            + " ms: " + e.getMessage());
            loops.repair().schedule(pauseMs, () -> attempt(key, Math.min(2 * pauseMs, PAUSE_MAX_MS)));
        }
    }
}
