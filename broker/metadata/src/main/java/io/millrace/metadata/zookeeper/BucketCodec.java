package io.millrace.metadata.zookeeper;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/** The bytes of a {@code /pstate} znode: the changing state of all topics that hash to one bucket. */
final class BucketCodec {
    static final int BUCKETS = 256;

    private static final int FORMAT = 1;

    /** A bucket as read. */
    record Bucket(WriteStamp stamp, Map<UUID, TopicStates> topics) {}

    private BucketCodec() {}

    static int bucketOf(UUID topicId) {
        int hash = topicId.hashCode();
        return (hash ^ hash >>> 8 ^ hash >>> 16 ^ hash >>> 24) & BUCKETS - 1;
    }

    static byte[] encode(WriteStamp stamp, Map<UUID, TopicStates> topics) {
        var out = new BinaryWriter().writeByte(FORMAT);
        stamp.writeTo(out);
        out.writeUnsigned(topics.size());
        topics.forEach((topicId, states) -> out.writeUuid(topicId)
                .writeBits(states.fingerprint() & 0xFFFF_FFFFL)
                .writeBytes(states.encoded()));
        return out.toByteArray();
    }

    static Bucket decode(String what, byte[] bytes) {
        var in = new BinaryReader(what, bytes);
        in.expectVersion(FORMAT);
        var stamp = WriteStamp.readFrom(in);
        int count = in.readCount();
        var topics = new LinkedHashMap<UUID, TopicStates>();
        for (int i = 0; i < count; i++) {
            UUID topicId = in.readUuid();
            topics.put(topicId, new TopicStates((int) in.readBits(), in.readBytes()));
        }
        in.expectEnd();
        return new Bucket(stamp, topics);
    }
}
