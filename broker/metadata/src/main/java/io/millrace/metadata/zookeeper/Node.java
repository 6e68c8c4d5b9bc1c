package io.millrace.metadata.zookeeper;

import org.apache.zookeeper.data.Stat;

/** A znode as read. */
@SuppressWarnings("ArrayRecordComponent") // never changed after it was read or written
record Node(byte[] data, Stat stat) {
    int version() {
        return stat.getVersion();
    }

    /** Grows with every change of the znode, also across deletion and creation: tells a newer reading from an older one. */
    long modifiedBy() {
        return stat.getMzxid();
    }

    long createdBy() {
        return stat.getCzxid();
    }

    /** The session that a vanishing znode belongs to; 0 for one that stays. */
    long owner() {
        return stat.getEphemeralOwner();
    }
}
