package io.millrace.metadata.zookeeper;

import io.millrace.metadata.MetadataException;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.metadata.zookeeper.TopicCodec.Topic;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The partition states of one topic as they lie in a bucket: per partition the leader's place in the replica list, the in-sync and the
 * eligible replicas as bits over that list, leader epoch and partition epoch. 5 to 16 bytes each. Immutable.
 *
 * @param fingerprint of the assignment that the bits refer to: states and assignment lie in different znodes, which a reader may see at
 *     different moments
 */
@SuppressWarnings("ArrayRecordComponent") // never changed after it was read or written
record TopicStates(int fingerprint, byte[] encoded) {
    /** Bits of one number. */
    static final int REPLICAS_MAX = 64;

    private static final String MIN_IN_SYNC = "min.insync.replicas";
    private static final String SUBSCRIPTIONS = "subscriptions";

    static TopicStates of(TopicImage topic) {
        List<List<Integer>> assignment = topic.assignment();
        List<PartitionState> partitions = topic.partitions();
        var out = new BinaryWriter();
        for (int partition = 0; partition < partitions.size(); partition++) {
            encode(out, assignment.get(partition), partitions.get(partition));
        }
        return new TopicStates(fingerprintOf(Topic.of(topic)), out.toByteArray());
    }

    private static void encode(BinaryWriter out, List<Integer> replicas, PartitionState state) {
        out.writeUnsigned(state.hasLeader() ? 1 + placeOf(state.leaderId(), replicas) : 0)
                .writeUnsigned(state.leaderEpoch())
                .writeUnsigned(state.partitionEpoch())
                .writeBits(bitsOf(state.inSyncReplicas(), replicas))
                .writeBits(bitsOf(state.eligibleLeaderReplicas(), replicas));
    }

    private static int placeOf(int brokerId, List<Integer> replicas) {
        int place = replicas.indexOf(brokerId);
        if (place < 0 || place >= REPLICAS_MAX) {
            throw new MetadataException("broker " + brokerId + " is not among the first " + REPLICAS_MAX + " replicas "
                    + replicas + " and can be neither leader nor in sync");
        }
        return place;
    }

    private static long bitsOf(List<Integer> members, List<Integer> replicas) {
        long bits = 0;
        for (int member : members) {
            bits |= 1L << placeOf(member, replicas);
        }
        return bits;
    }

    boolean fits(Topic topic) {
        return fingerprint == fingerprintOf(topic);
    }

    List<PartitionState> decode(String what, List<List<Integer>> assignment) {
        var in = new BinaryReader(what, encoded);
        var partitions = new ArrayList<PartitionState>(assignment.size());
        for (List<Integer> replicas : assignment) {
            int leaderPlace = in.readUnsignedInt();
            if (leaderPlace > replicas.size()) {
                throw new MetadataException(what + " names replica " + leaderPlace + " of " + replicas + " as leader");
            }
            int leaderId = leaderPlace == 0 ? PartitionState.NO_LEADER : replicas.get(leaderPlace - 1);
            partitions.add(new PartitionState(
                    leaderId,
                    in.readUnsignedInt(),
                    in.readUnsignedInt(),
                    membersOf(in.readBits(), replicas),
                    membersOf(in.readBits(), replicas)));
        }
        in.expectEnd();
        return partitions;
    }

    private static List<Integer> membersOf(long bits, List<Integer> replicas) {
        var members = new ArrayList<Integer>(replicas.size());
        for (int place = 0; place < replicas.size(); place++) {
            if ((bits & 1L << place) != 0) {
                members.add(replicas.get(place));
            }
        }
        return members;
    }

    /** Nobody may lead in an epoch that began with another number of replicas that must be in sync than the one it knows, nor without the cursor log with which it began. */
    private static int fingerprintOf(Topic topic) {
        var out = new BinaryWriter();
        for (List<Integer> replicas : topic.assignment()) {
            out.writeUnsigned(replicas.size());
            replicas.forEach(out::writeUnsigned);
        }
        String minInSync = topic.configuration().get(MIN_IN_SYNC);
        if (minInSync != null) {
            out.writeString(minInSync);
        }
        if (topic.subscriptions().hasCursors()) {
            // Whoever hears that it leads has heard of all subscriptions that began before.
            out.writeString(SUBSCRIPTIONS).writeUnsigned(topic.subscriptions().lastNumber());
        }
        var checksum = new CRC32C();
        checksum.update(out.toByteArray());
        return (int) checksum.getValue();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TopicStates states
                && fingerprint == states.fingerprint
                && Arrays.equals(encoded, states.encoded);
    }

    @Override
    public int hashCode() {
        return 31 * fingerprint + Arrays.hashCode(encoded);
    }
}
