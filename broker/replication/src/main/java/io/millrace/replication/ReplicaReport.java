package io.millrace.replication;

import java.util.List;

/** What a broker's heartbeats tell of its replicas. Thread-safe. */
public interface ReplicaReport {

    /** Whether this broker is named leader of a partition that it will not lead: the controller should elect anew. */
    boolean disownsLeadership();

    /** Replicas that must leave the in-sync and the eligible ones; some of them where there are very many. */
    List<LostReplica> lostReplicas();
}
