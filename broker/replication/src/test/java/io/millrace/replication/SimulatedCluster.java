package io.millrace.replication;

import java.util.UUID;

/** What a {@link SimulatedBroker} knows of the others. */
interface SimulatedCluster {
    SimulatedBroker broker(int brokerId);

    SimulatedNetwork network();

    UUID newTopicId();

    /** The rule that no broker keeps. */
    default BrokenRule brokenRule() {
        return BrokenRule.NONE;
    }

    /** Hears who leads on a broker. */
    LeadershipListener leadershipOf(int brokerId);
}
