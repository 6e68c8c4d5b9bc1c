package io.millrace.metadata.zookeeper;

import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.MetadataException;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/** The bytes of a {@code /topics} znode: what seldom changes of a topic. */
final class TopicCodec {
    private static final int FORMAT = 1;

    /** A topic as read; its partition states lie in a bucket. */
    record Topic(
            WriteStamp stamp,
            UUID topicId,
            String name,
            DestinationKind kind,
            Map<String, String> configuration,
            List<List<Integer>> assignment) {

        TopicImage with(List<PartitionState> partitions) {
            return new TopicImage(topicId, name, kind, configuration, assignment, partitions);
        }

        Topic withConfiguration(Map<String, String> changed) {
            return new Topic(stamp, topicId, name, kind, changed, assignment);
        }

        static Topic of(TopicImage image) {
            return new Topic(
                    new WriteStamp(0, 0),
                    image.topicId(),
                    image.name(),
                    image.kind(),
                    image.configuration(),
                    image.assignment());
        }
    }

    private TopicCodec() {}

    static byte[] encode(WriteStamp stamp, Topic topic) {
        var out = new BinaryWriter().writeByte(FORMAT);
        stamp.writeTo(out);
        out.writeUuid(topic.topicId())
                .writeString(topic.name())
                .writeString(topic.kind().configurationValue());
        out.writeUnsigned(topic.configuration().size());
        new TreeMap<>(topic.configuration())
                .forEach((key, value) -> out.writeString(key).writeString(value));
        out.writeUnsigned(topic.assignment().size());
        for (List<Integer> replicas : topic.assignment()) {
            out.writeUnsigned(replicas.size());
            replicas.forEach(out::writeUnsigned);
        }
        return out.toByteArray();
    }

    static Topic decode(String what, byte[] bytes) {
        var in = new BinaryReader(what, bytes);
        in.expectVersion(FORMAT);
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
        in.expectEnd();
        return new Topic(stamp, topicId, name, kind, configuration, assignment);
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
