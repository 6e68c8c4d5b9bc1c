package io.millrace.metadata.zookeeper;

import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.MetadataException;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.Reassignment;
import io.millrace.metadata.TopicImage;
import io.millrace.metadata.TopicSubscriptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** The bytes of a {@code /topics} znode: what seldom changes of a topic. */
final class TopicCodec {
    private static final int FORMAT = 1;
    /** The same, and then the reassignments; written only while there are some. */
    private static final int FORMAT_WITH_REASSIGNMENTS = 2;
    /** The same, and then the subscriptions; written only for topics that have or had some. */
    private static final int FORMAT_WITH_SUBSCRIPTIONS = 3;

    /** A topic as read; its partition states lie in a bucket. */
    record Topic(
            WriteStamp stamp,
            UUID topicId,
            String name,
            DestinationKind kind,
            Map<String, String> configuration,
            List<List<Integer>> assignment,
            Map<Integer, Reassignment> reassignments,
            TopicSubscriptions subscriptions) {

        TopicImage with(List<PartitionState> partitions) {
            return new TopicImage(
                    topicId, name, kind, configuration, assignment, partitions, reassignments, subscriptions);
        }

        Topic withConfiguration(Map<String, String> changed) {
            return new Topic(stamp, topicId, name, kind, changed, assignment, reassignments, subscriptions);
        }

        static Topic of(TopicImage image) {
            return new Topic(
                    new WriteStamp(0, 0),
                    image.topicId(),
                    image.name(),
                    image.kind(),
                    image.configuration(),
                    image.assignment(),
                    image.reassignments(),
                    image.subscriptions());
        }
    }

    private TopicCodec() {}

    static byte[] encode(WriteStamp stamp, Topic topic) {
        int format = formatOf(topic);
        var out = new BinaryWriter().writeByte(format);
        stamp.writeTo(out);
        out.writeUuid(topic.topicId())
                .writeString(topic.name())
                .writeString(topic.kind().configurationValue());
        out.writeUnsigned(topic.configuration().size());
        new TreeMap<>(topic.configuration())
                .forEach((key, value) -> out.writeString(key).writeString(value));
        out.writeUnsigned(topic.assignment().size());
        topic.assignment().forEach(replicas -> writeReplicas(out, replicas));
        if (format >= FORMAT_WITH_REASSIGNMENTS) {
            writeReassignments(out, topic.reassignments());
        }
        if (format >= FORMAT_WITH_SUBSCRIPTIONS) {
            SubscriptionCodec.write(out, topic.subscriptions());
        }
        return out.toByteArray();
    }

    private static int formatOf(Topic topic) {
        if (topic.subscriptions().hasCursors()) {
            return FORMAT_WITH_SUBSCRIPTIONS;
        }
        return topic.reassignments().isEmpty() ? FORMAT : FORMAT_WITH_REASSIGNMENTS;
    }

    private static void writeReplicas(BinaryWriter out, List<Integer> replicas) {
        out.writeUnsigned(replicas.size());
        replicas.forEach(out::writeUnsigned);
    }

    private static void writeReassignments(BinaryWriter out, Map<Integer, Reassignment> reassignments) {
        out.writeUnsigned(reassignments.size());
        new TreeMap<>(reassignments).forEach((partition, move) -> {
            out.writeUnsigned(partition);
            writeReplicas(out, move.original());
            writeReplicas(out, move.target());
            out.writeBits(move.throttleBytesPerSecond());
        });
    }

    static Topic decode(String what, byte[] bytes) {
        var in = new BinaryReader(what, bytes);
        int format = in.expectVersion(FORMAT, FORMAT_WITH_SUBSCRIPTIONS);
        var stamp = WriteStamp.readFrom(in);
        UUID topicId = in.readUuid();
        String name = in.readString();
        var kind = kindOf(what, in.readString());
        var configuration = new HashMap<String, String>();
        for (int count = in.readCount(); count > 0; count--) {
            configuration.put(in.readString(), in.readString());
        }
        var assignment = new ArrayList<List<Integer>>();
        for (int count = in.readCount(); count > 0; count--) {
            assignment.add(readReplicas(in));
        }
        var reassignments = format == FORMAT ? Map.<Integer, Reassignment>of() : readReassignments(what, in);
        var subscriptions = format < FORMAT_WITH_SUBSCRIPTIONS ? TopicSubscriptions.NONE : SubscriptionCodec.read(in);
        in.expectEnd();
        return new Topic(stamp, topicId, name, kind, configuration, assignment, reassignments, subscriptions);
    }

    private static Map<Integer, Reassignment> readReassignments(String what, BinaryReader in) {
        var reassignments = new HashMap<Integer, Reassignment>();
        for (int count = in.readCount(); count > 0; count--) {
            int partition = in.readUnsignedInt();
            var original = readReplicas(in);
            var target = readReplicas(in);
            long throttle = in.readBits();
            if (throttle < 0) {
                throw new MetadataException(what + " throttles partition " + partition + " to " + throttle
                        + " bytes per second; 0 or more may stand there");
            }
            reassignments.put(partition, new Reassignment(original, target, throttle));
        }
        return reassignments;
    }

    private static DestinationKind kindOf(String what, String value) {
        try {
            return DestinationKind.parse(value);
        } catch (IllegalArgumentException e) {
            throw new MetadataException(what + " cannot be understood: " + e.getMessage(), e);
        }
    }

    private static List<Integer> readReplicas(BinaryReader in) {
        int count = in.readCount();
        var replicas = new ArrayList<Integer>(count);
        for (int i = 0; i < count; i++) {
            replicas.add(in.readUnsignedInt());
        }
        return List.copyOf(replicas);
    }
}
