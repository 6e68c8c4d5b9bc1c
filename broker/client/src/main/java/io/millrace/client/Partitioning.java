package io.millrace.client;

/**
 * Which partition a key belongs to: Murmur2 of its bytes, as Kafka's clients have it, so that records of one key meet
 * in one partition whoever sends them.
 */
final class Partitioning {
    private static final int SEED = 0x9747b28c;
    private static final int MULTIPLIER = 0x5bd1e995;
    private static final int SHIFT = 24;

    private Partitioning() {}

    static int partitionOf(byte[] key, int partitionCount) {
        return (murmur2(key) & Integer.MAX_VALUE) % partitionCount;
    }

    /** Austin Appleby's MurmurHash2, 32 bits, little endian. */
    static int murmur2(byte[] bytes) {
        int hash = SEED ^ bytes.length;
        int at = 0;
        for (; bytes.length - at >= Integer.BYTES; at += Integer.BYTES) {
            int word = (bytes[at] & 0xff)
                    | ((bytes[at + 1] & 0xff) << 8)
                    | ((bytes[at + 2] & 0xff) << 16)
                    | ((bytes[at + 3] & 0xff) << 24);
            word *= MULTIPLIER;
            word ^= word >>> SHIFT;
            word *= MULTIPLIER;
            hash = (hash * MULTIPLIER) ^ word;
        }
        return finish(withTail(hash, bytes, at));
    }

    private static int withTail(int hash, byte[] bytes, int at) {
        int left = bytes.length - at;
        if (left == 0) {
            return hash;
        }
        int tail = 0;
        for (int i = left - 1; i >= 0; i--) {
            tail = tail << 8 | (bytes[at + i] & 0xff);
        }
        return (hash ^ tail) * MULTIPLIER;
    }

    private static int finish(int hash) {
        int mixed = (hash ^ (hash >>> 13)) * MULTIPLIER;
        return mixed ^ (mixed >>> 15);
    }
}
