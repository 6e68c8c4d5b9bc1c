package io.millrace.replication;

import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;

/** The loops of a broker's replicas: one that takes over images and opens logs, one that repairs logs, and those that own partitions. */
record ReplicaLoops(Loop main, Loop repair, List<Loop> all) {
    private static final System.Logger LOGGER = System.getLogger(ReplicaLoops.class.getName());

    ReplicaLoops {
        all = List.copyOf(all);
    }

    static ReplicaLoops threads(int count) {
        var partitionLoops = new ArrayList<Loop>(count);
        for (int i = 0; i < count; i++) {
            partitionLoops.add(new ThreadLoop("millrace-partitions-" + i));
        }
        return new ReplicaLoops(
                new ThreadLoop("millrace-replicas"), new ThreadLoop("millrace-replica-repair"), partitionLoops);
    }

    /** Always the same loop for the same number. */
    Loop of(int number) {
        return all.get(Math.floorMod(number, all.size()));
    }

    /** Runs a task on the main loop; never, once that is closed. */
    void executeOnMain(Runnable task) {
        try {
            main.execute(task);
        } catch (RejectedExecutionException closing) {
            LOGGER.log(Level.DEBUG, () -> "The replicas are closed: " + closing.getMessage());
        }
    }

    void close() {
        closeIfThread(main);
        closeIfThread(repair);
        all.forEach(ReplicaLoops::closeIfThread);
    }

    private static void closeIfThread(Loop loop) {
        if (loop instanceof ThreadLoop thread) {
            thread.close();
        }
    }
}
