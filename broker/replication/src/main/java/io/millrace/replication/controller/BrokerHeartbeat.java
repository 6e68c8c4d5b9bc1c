package io.millrace.replication.controller;

import io.millrace.replication.LostReplica;
import java.util.List;

/**
 * A broker's sign of life.
 *
 * @param wantsShutdown asks to be relieved of all leadership before it stops
 * @param disownsLeadership the broker found itself named leader when its process started and refuses to lead in that epoch: its log
 *     may not be what it was. The controller elects anew
 * @param lostReplicas replicas of the broker that may lack committed records
 */
public record BrokerHeartbeat(
        int brokerId,
        long brokerEpoch,
        boolean wantsShutdown,
        boolean disownsLeadership,
        List<LostReplica> lostReplicas) {

    public BrokerHeartbeat {
        lostReplicas = List.copyOf(lostReplicas);
    }
}
