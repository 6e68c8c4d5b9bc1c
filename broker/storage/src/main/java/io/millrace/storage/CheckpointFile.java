package io.millrace.storage;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * The file of a log's checkpoint: slots that are written in place, in turn. A new file under the old name for each checkpoint of thousands of logs
 * would cost the file system many times what the writing costs.
 *
 * <p>Guarded by its {@link CheckpointWriter}. The valid slot with the greatest number counts. Invariant: neither the slot that was written last nor the one
 * that was forced last is written over, so that a torn slot takes nothing with it that was promised.
 *
 * <pre>
 * { magic 4 | number 8 | checkpoint 45 | CRC-32C of these 4 | 0 ... up to 64 bytes } * 3
 * </pre>
 */
final class CheckpointFile {

    static final int SLOTS = 3;
    static final int SLOT_BYTES = 64;

    private static final int MAGIC = 0x4D4C4333;
    private static final int CHECKED_BYTES = Integer.BYTES + Long.BYTES + LogCheckpoint.BYTES;
    private static final int NONE = -1;

    private final LogFiles files;
    private long number;
    private int lastSlot = NONE;
    private int forcedSlot = NONE;
    private boolean nameForced;

    /** The file is written anew by the first checkpoint: what lies there now may not all be on the medium. */
    CheckpointFile(LogFiles files) {
        this.files = files;
    }

    /** @param forced whether the checkpoint survives the loss of power when this returns */
    void write(LogCheckpoint checkpoint, boolean forced) {
        boolean anew = lastSlot == NONE || (forced && !nameForced);
        int slot = anew ? 0 : freeSlot();
        ByteBuffer bytes = encode(checkpoint, number + 1);
        if (anew) {
            byte[] whole = new byte[SLOTS * SLOT_BYTES];
            bytes.get(whole, 0, SLOT_BYTES);
            files.disk().replace(files.checkpoint(), whole, forced);
            nameForced = forced;
            forcedSlot = NONE;
        } else {
            writeInPlace(bytes, slot, forced);
        }
        number++;
        lastSlot = slot;
        if (forced) {
            forcedSlot = slot;
        }
    }

    private int freeSlot() {
        for (int slot = 0; slot < SLOTS; slot++) {
            if (slot != lastSlot && slot != forcedSlot) {
                return slot;
            }
        }
        throw new IllegalStateException(
                "None of " + SLOTS + " slots is free beside " + lastSlot + " and " + forcedSlot);
    }

    private void writeInPlace(ByteBuffer bytes, int slot, boolean forced) {
        try (DiskFile file = files.disk().open(files.checkpoint())) {
            file.write(new ByteBuffer[] {bytes}, (long) slot * SLOT_BYTES);
            if (forced) {
                file.force();
            }
        }
    }

    private static ByteBuffer encode(LogCheckpoint checkpoint, long number) {
        byte[] slot = new byte[SLOT_BYTES];
        ByteBuffer bytes = ByteBuffer.wrap(slot).putInt(MAGIC).putLong(number);
        checkpoint.put(bytes);
        return bytes.putInt(checksum(slot, 0)).rewind();
    }

    /** What was written last; empty when it is missing or damaged. */
    static Optional<LogCheckpoint> read(LogFiles files) {
        if (!files.disk().exists(files.checkpoint())) {
            return Optional.empty();
        }
        byte[] whole = files.disk().read(files.checkpoint());
        int latest = NONE;
        for (int at = 0; at + SLOT_BYTES <= whole.length; at += SLOT_BYTES) {
            if (isValid(whole, at) && (latest == NONE || numberAt(whole, at) > numberAt(whole, latest))) {
                latest = at;
            }
        }
        return latest == NONE
                ? Optional.empty()
                : Optional.of(LogCheckpoint.get(slotAt(whole, latest).position(Integer.BYTES + Long.BYTES)));
    }

    private static boolean isValid(byte[] whole, int at) {
        ByteBuffer slot = slotAt(whole, at);
        return slot.getInt(0) == MAGIC && slot.getInt(CHECKED_BYTES) == checksum(whole, at);
    }

    private static long numberAt(byte[] whole, int at) {
        return slotAt(whole, at).getLong(Integer.BYTES);
    }

    private static ByteBuffer slotAt(byte[] whole, int at) {
        return ByteBuffer.wrap(whole).slice(at, SLOT_BYTES);
    }

    private static int checksum(byte[] bytes, int at) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, at, CHECKED_BYTES);
        return (int) crc.getValue();
    }
}
