package io.millrace.jms;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which class of message a record's value is the body of, as its header says. */
enum BodyKind {
    NONE("none"),
    TEXT("text"),
    BYTES("bytes"),
    MAP("map"),
    STREAM("stream"),
    OBJECT("object");

    private final String word;

    BodyKind(String word) {
        this.word = word;
    }

    byte[] encode() {
        return word.getBytes(StandardCharsets.UTF_8);
    }

    /** Empty for a record that no JMS client wrote, and for kinds that a newer one may know. */
    static Optional<BodyKind> decode(byte @Nullable [] header) {
        String text = header == null ? "" : new String(header, StandardCharsets.UTF_8);
        for (BodyKind kind : values()) {
            if (kind.word.equals(text)) {
                return Optional.of(kind);
            }
        }
        return Optional.empty();
    }
}
