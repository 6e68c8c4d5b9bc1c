package io.millrace.interop;

import java.util.Arrays;
import java.util.Base64;

/** Records as lines of text, in the way that every program of this module reads and writes them. */
final class Lines {
    private Lines() {}

    static String encode(byte[] bytes) {
        if (bytes == null) {
            return "-";
        }
        return bytes.length == 0 ? "=" : Base64.getEncoder().encodeToString(bytes);
    }

    static byte[] decode(String text) {
        return switch (text) {
            case "-" -> null;
            case "=" -> new byte[0];
            default -> Base64.getDecoder().decode(text);
        };
    }

    /** A record without its place. */
    record KeyValue(byte[] key, byte[] value) {
        String line() {
            return encode(key) + " " + encode(value);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof KeyValue that && Arrays.equals(key, that.key) && Arrays.equals(value, that.value);
        }

        @Override
        public int hashCode() {
            return 31 * Arrays.hashCode(key) + Arrays.hashCode(value);
        }

        @Override
        public String toString() {
            return line();
        }
    }

    /** A record where it was found. */
    record Placed(int partition, long offset, KeyValue keyValue) implements Comparable<Placed> {
        static Placed parse(String line) {
            String[] words = line.split(" ");
            return new Placed(
                    Integer.parseInt(words[0]),
                    Long.parseLong(words[1]),
                    new KeyValue(decode(words[2]), decode(words[3])));
        }

        @Override
        public int compareTo(Placed other) {
            return partition == other.partition
                    ? Long.compare(offset, other.offset)
                    : Integer.compare(partition, other.partition);
        }
    }
}
