package io.millrace.protocol.wire;

import java.util.Arrays;

/**
 * An immutable string of bytes, such as what a group member says about itself.
 *
 * <p>It is a copy, not a slice of the frame: these values are small, and they are kept long after the frame is gone.
 */
public final class Bytes {
    public static final Bytes EMPTY = new Bytes(new byte[0]);

    private final byte[] content;

    private Bytes(byte[] content) {
        this.content = content;
    }

    public static Bytes copyOf(byte[] content) {
        return consume(content.clone());
    }

    /** Takes the array over: the caller must not touch it again. */
    public static Bytes consume(byte[] content) {
        return content.length == 0 ? EMPTY : new Bytes(content);
    }

    public int size() {
        return content.length;
    }

    public boolean isEmpty() {
        return content.length == 0;
    }

    public byte[] toByteArray() {
        return content.clone();
    }

    byte[] content() {
        return content;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes bytes && Arrays.equals(content, bytes.content);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(content);
    }

    @Override
    public String toString() {
        return "Bytes[" + content.length + "]";
    }
}
