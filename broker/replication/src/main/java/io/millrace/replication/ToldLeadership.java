package io.millrace.replication;

import java.util.List;

/** Tells several listeners, in their order. */
record ToldLeadership(List<LeadershipListener> listeners) implements LeadershipListener {
    @Override
    public void onLeader(Partition partition, int leaderEpoch) {
        listeners.forEach(listener -> listener.onLeader(partition, leaderEpoch));
    }

    @Override
    public void onResigned(Partition partition) {
        listeners.forEach(listener -> listener.onResigned(partition));
    }
}
