package io.millrace.storage.compaction;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The newest offset of each key, in memory of a fixed size: keys are not kept, only 128 bits of their hash.
 *
 * <p>Not safe for threads. The hash is cryptographic, so that nobody can make two keys that displace each other.
 *
 * <pre>
 * slot: { hash 16 | offset + 1, or 0 where the slot is free 8 }, open addressing
 * </pre>
 */
public final class OffsetMap {

    /** What {@link #offsetOf} answers for a key that is not here. */
    public static final long NONE = -1;

    /** Bytes that one key takes. */
    public static final int SLOT_BYTES = 3 * Long.BYTES;

    private static final int SLOT_LONGS = 3;
    private static final double FILL_MAX = 0.9;
    private static final int SLOTS_MIN = 2;
    private static final int SLOTS_MAX = Integer.MAX_VALUE / SLOT_LONGS - 1;

    private final long[] slots;
    private final int slotCount;
    private final int keysMax;
    private final MessageDigest digest;

    private int size;
    private long high;
    private long low;

    /** A map of at most so many bytes; there is always room for one key. */
    public OffsetMap(long bytes) {
        this.slotCount = (int) Math.min(SLOTS_MAX, Math.max(SLOTS_MIN, bytes / SLOT_BYTES));
        this.slots = new long[slotCount * SLOT_LONGS];
        this.keysMax = Math.max(1, (int) (slotCount * FILL_MAX));
        this.digest = sha256();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }

    /** The memory that a map for so many keys takes. */
    public static long bytesFor(long keys) {
        return (long) Math.ceil((keys + 1) / FILL_MAX + 1) * SLOT_BYTES;
    }

    /** How many keys more there is room for. */
    public int room() {
        return keysMax - size;
    }

    public int size() {
        return size;
    }

    /**
     * Notes that a key has a record at an offset; the greatest one counts.
     *
     * @throws IllegalStateException when the key is new and there is no room
     */
    public void put(ByteBuf key, long offset) {
        hash(key);
        int slot = find();
        if (slots[slot + 2] == 0) {
            if (size >= keysMax) {
                throw new IllegalStateException("There is room for " + keysMax + " keys, and all of it is taken");
            }
            size++;
            slots[slot] = high;
            slots[slot + 1] = low;
        }
        slots[slot + 2] = Math.max(slots[slot + 2], offset + 1);
    }

    /** The greatest offset noted for a key, or {@link #NONE}. */
    public long offsetOf(ByteBuf key) {
        hash(key);
        return slots[find() + 2] - 1;
    }

    private void hash(ByteBuf key) {
        for (ByteBuffer part : key.nioBuffers(key.readerIndex(), key.readableBytes())) {
            digest.update(part);
        }
        ByteBuffer hash = ByteBuffer.wrap(digest.digest());
        high = hash.getLong();
        low = hash.getLong();
    }

    /** Where the key that was hashed last is, or would be. */
    private int find() {
        int slot = (int) Long.remainderUnsigned(high, slotCount);
        while (true) {
            int at = slot * SLOT_LONGS;
            if (slots[at + 2] == 0 || (slots[at] == high && slots[at + 1] == low)) {
                return at;
            }
            slot = slot + 1 == slotCount ? 0 : slot + 1;
        }
    }
}
