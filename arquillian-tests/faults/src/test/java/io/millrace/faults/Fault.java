package io.millrace.faults;

import java.util.Optional;

/** Something that goes wrong in one place of a cluster, until it is healed. Used by the test's thread. */
interface Fault {
    /** Why it cannot be made on this machine; empty where it can. */
    Optional<String> impossible();

    void inject(FaultCluster cluster);

    /** Takes it back, and returns when the cluster's processes run again. */
    void heal(FaultCluster cluster);

    /** Whether it destroys a replica's unsynced data, so that no other replica may be missing when it comes. */
    default boolean needsAllInSync() {
        return false;
    }
}
