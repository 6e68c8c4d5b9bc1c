package io.millrace.metadata.zookeeper;

import io.millrace.metadata.MetadataException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a {@link ClusterMirror} current: re-reads what a watch says has changed, and everything after each connect, because a watch that
 * was set again does not tell what it missed.
 *
 * <p>Owned by the store's thread. At most one reading of a path is under way, so readings of one path arrive in order; a path that
 * changes meanwhile is read once more.
 */
final class TreeReader {
    /** Bound on readings under way: enough to keep the server busy, too few to flood it. */
    static final int READS_MAX = 256;

    private static final System.Logger LOGGER = System.getLogger(TreeReader.class.getName());

    private final ZooKeeperConnection connection;
    private final Paths paths;
    private final ClusterMirror mirror;
    private final Runnable onProgress;

    /** Readings under way, by path; true where the path changed since and must be read again. */
    private final Map<String, Boolean> underWay = new HashMap<>();
    /** Bounded by the number of znodes, which it names at most once each. */
    private final Set<String> waiting = new LinkedHashSet<>();

    private final List<CompletableFuture<Void>> scans = new ArrayList<>();
    private int generation;
    private int listingsUnderWay;
    private @Nullable Throwable failure;

    TreeReader(ZooKeeperConnection connection, Paths paths, ClusterMirror mirror, Runnable onProgress) {
        this.connection = connection;
        this.paths = paths;
        this.mirror = mirror;
        this.onProgress = onProgress;
    }

    /** Forgets all readings under way: their session may have ended. Scans fail. */
    void reset(String why) {
        generation++;
        underWay.clear();
        waiting.clear();
        listingsUnderWay = 0;
        failure = null;
        var failed = List.copyOf(scans);
        scans.clear();
        failed.forEach(
                scan -> scan.completeExceptionally(new MetadataException("reading all metadata broke off: " + why)));
    }

    void onEvent(WatchedEvent event) {
        if (event.getType() != EventType.None && event.getPath() != null && isFollowed(event.getPath())) {
            read(event.getPath());
        }
    }

    private boolean isFollowed(String path) {
        return path.startsWith(paths.root() + "/")
                && !path.equals(paths.brokers())
                && !path.startsWith(paths.starts())
                && !path.equals(paths.topics())
                && !path.equals(paths.partitionStates())
                && !path.equals(paths.producerIds());
    }

    /** Reads everything. Completes when the mirror is at least as new as ZooKeeper was at the time of the call. */
    CompletableFuture<Void> scan() {
        var scan = new CompletableFuture<Void>();
        scans.add(scan);
        read(paths.cluster());
        read(paths.controller());
        read(paths.controllerEpoch());
        read(paths.settings());
        for (int bucket = 0; bucket < BucketCodec.BUCKETS; bucket++) {
            read(paths.bucket(bucket));
        }
        list(paths.brokers());
        list(paths.topics());
        return scan;
    }

    private void list(String parent) {
        int startedIn = generation;
        listingsUnderWay++;
        connection.children(parent).whenComplete((names, failed) -> {
            if (startedIn != generation) {
                return;
            }
            listingsUnderWay--;
            if (failed != null) {
                failure = failed;
            } else {
                names.forEach(name -> read(parent + "/" + name));
                forgetAllBut(parent, names);
            }
            finishScans();
        });
    }

    private void forgetAllBut(String parent, List<String> names) {
        var present = new LinkedHashSet<String>();
        names.forEach(name -> present.add(parent + "/" + name));
        mirror.knownChildren(parent).stream()
                .filter(path -> !present.contains(path))
                .forEach(mirror::onGone);
    }

    private void read(String path) {
        if (underWay.containsKey(path)) {
            underWay.put(path, true);
        } else if (underWay.size() >= READS_MAX) {
            waiting.add(path);
        } else {
            send(path);
        }
    }

    private void send(String path) {
        int startedIn = generation;
        underWay.put(path, false);
        connection.get(path).whenComplete((node, failed) -> {
            if (startedIn == generation) {
                onAnswer(path, node, failed);
            }
        });
    }

    private void onAnswer(String path, @Nullable Node node, @Nullable Throwable failed) {
        boolean again = Boolean.TRUE.equals(underWay.remove(path));
        if (node != null) {
            take(path, node);
        } else if (failed != null && ZooKeeperFailure.is(failed, Code.NONODE)) {
            mirror.onGone(path);
        } else {
            failure = failed;
        }
        if (again) {
            send(path);
        }
        sendWaiting();
        onProgress.run();
        finishScans();
    }

    private void take(String path, Node node) {
        try {
            mirror.onRead(path, node);
        } catch (MetadataException e) {
            // The rest of the cluster goes on; what this znode described keeps its last known state.
            LOGGER.log(Level.ERROR, () -> "Cannot understand " + path + ": " + e.getMessage());
        }
    }

    private void sendWaiting() {
        var next = waiting.iterator();
        while (next.hasNext() && underWay.size() < READS_MAX) {
            String path = next.next();
            next.remove();
            send(path);
        }
    }

    private void finishScans() {
        if (!underWay.isEmpty() || !waiting.isEmpty() || listingsUnderWay > 0) {
            return;
        }
        var finished = List.copyOf(scans);
        scans.clear();
        var failed = failure;
        failure = null;
        finished.forEach(scan -> {
            if (failed == null) {
                scan.complete(null);
            } else {
                scan.completeExceptionally(failed);
            }
        });
    }

    /** Whether a reading failed that no scan will report: the mirror may have missed a change. */
    boolean hasMissed() {
        return failure != null && scans.isEmpty();
    }
}
