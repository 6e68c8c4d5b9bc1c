package io.millrace.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Bytes as people and scripts read them. */
final class ByteText {
    private ByteText() {}

    /** The text; empty where the bytes are no UTF-8. */
    static Optional<String> exact(byte[] bytes) {
        try {
            return Optional.of(UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException ignored) {
            return Optional.empty();
        }
    }

    /** The text, with a sign of replacement for what is no UTF-8. */
    static String shown(byte @Nullable [] bytes, String whereNull) {
        return bytes == null ? whereNull : new String(bytes, UTF_8);
    }

    static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
