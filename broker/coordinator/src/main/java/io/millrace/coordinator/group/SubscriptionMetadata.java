package io.millrace.coordinator.group;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.protocol.wire.Bytes;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** What consumers send as metadata of a classic protocol: a version, the topics, and more that is the assignors' own business. */
final class SubscriptionMetadata {
    private SubscriptionMetadata() {}

    /** The subscribed topics; empty where the bytes are something else. */
    static Optional<Set<String>> topics(Bytes metadata) {
        ByteBuffer in = ByteBuffer.wrap(metadata.toByteArray());
        if (in.remaining() < Short.BYTES + Integer.BYTES || in.getShort() < 0) {
            return Optional.empty();
        }
        int count = in.getInt();
        if (count < 0 || count > in.remaining() / Short.BYTES) {
            return Optional.empty();
        }
        Set<String> topics = new HashSet<>();
        for (int i = 0; i < count; i++) {
            int length = in.remaining() < Short.BYTES ? -1 : in.getShort();
            if (length < 0 || length > in.remaining()) {
                return Optional.empty();
            }
            byte[] name = new byte[length];
            in.get(name);
            topics.add(new String(name, UTF_8));
        }
        return Optional.of(topics);
    }
}
