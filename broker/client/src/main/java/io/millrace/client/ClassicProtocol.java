package io.millrace.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.protocol.wire.Bytes;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * What members of a classic group of consumers tell each other: a version, topics, and for an assignment their partitions. Bytes that are
 * something else are read as nothing: they are other members' business.
 */
final class ClassicProtocol {
    private ClassicProtocol() {}

    /** The topics that a member wants to read. */
    static Set<String> topics(Bytes metadata) {
        ByteBuffer in = ByteBuffer.wrap(metadata.toByteArray());
        var topics = new LinkedHashSet<String>();
        try {
            in.getShort();
            for (int left = in.getInt(); left > 0; left--) {
                topics.add(string(in));
            }
        } catch (BufferUnderflowException ignored) {
            return Set.of();
        }
        return topics;
    }

    /** The partitions that the group's leader has given to a member. */
    static Set<TopicPartition> partitions(Bytes assignment) {
        ByteBuffer in = ByteBuffer.wrap(assignment.toByteArray());
        var partitions = new LinkedHashSet<TopicPartition>();
        try {
            in.getShort();
            for (int topicsLeft = in.getInt(); topicsLeft > 0; topicsLeft--) {
                String topic = string(in);
                for (int left = in.getInt(); left > 0; left--) {
                    partitions.add(new TopicPartition(topic, in.getInt()));
                }
            }
        } catch (BufferUnderflowException ignored) {
            return Set.of();
        }
        return partitions;
    }

    private static String string(ByteBuffer in) {
        int length = in.getShort();
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] text = new byte[length];
        in.get(text);
        return new String(text, UTF_8);
    }
}
