package io.millrace.storage;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * How the journal lies on disk.
 *
 * <pre>
 * file  : magic 8 | sequence of the file 8 | number of its first round 8 | CRC-32C of these 4 | 0 ... up to 64
 * round : CRC-32C 4 | bytes of its entries 4 | its number 8
 * entry : CRC-32C of the following 52 4 | kind 1 | kind of log 1 | 0 2 | bytes of the payload 4 | CRC-32C of the payload 4
 *         | partition 4 | 0 4 | topic id 16 | serial 8 | offset 8 | end offset 8 | payload, filled up to a multiple of 8
 * </pre>
 *
 * <p>The checksums of rounds and entries begin with the sequence of the file, so that what an earlier use of a recycled file left is
 * nothing. A round is forced as a whole before the next one is written: an invalid one with a valid one behind it is damage, the last
 * invalid one is torn.
 */
final class JournalFormat {

    static final long MAGIC = 0x4D4C4A524E4C3031L;
    static final int FILE_HEADER_BYTES = 64;
    static final int ROUND_HEADER_BYTES = 16;
    static final int ENTRY_HEADER_BYTES = 64;
    static final int ALIGNMENT = 8;

    private static final int FILE_CHECKED_BYTES = 24;
    private static final int KIND = 4;
    private static final int LOG_KIND = 5;
    private static final int PAYLOAD_BYTES = 8;
    private static final int PAYLOAD_CHECKSUM = 12;
    private static final int PARTITION = 16;
    private static final int TOPIC_ID = 24;
    private static final int SERIAL = 40;
    private static final int OFFSET = 48;
    private static final int END_OFFSET = 56;

    private static final byte DATA_LOG = 0;
    private static final byte CURSOR_LOG = 1;

    /** What an entry tells of its log. */
    enum Kind {
        /** Batches were appended at an offset, up to an end offset; they are the payload. */
        BATCHES(1),
        /** The log was cut at an offset. */
        TRUNCATED(2),
        /** All of the log was dropped, and it goes on at an offset. */
        STARTED_OVER(3),
        /** Offsets below the end offset must be in the log's own files, or it has lost something. */
        REQUIRED(4),
        /** The log was removed. */
        DELETED(5),
        /** The log is new, or empty and journaled from now on; the payload is the name of its directory. */
        CREATED(6),
        /** Nothing: what stood here was not to be told any more. */
        VOID(7);

        private final byte code;

        Kind(int code) {
            this.code = (byte) code;
        }

        private static Optional<Kind> of(int code) {
            return Arrays.stream(values()).filter(kind -> kind.code == code).findFirst();
        }
    }

    /** The head of an entry. */
    record Entry(Kind kind, LogId log, long serial, long offset, long endOffset, int payloadBytes) {}

    private JournalFormat() {}

    static int aligned(int bytes) {
        return (bytes + ALIGNMENT - 1) & -ALIGNMENT;
    }

    // ---- files

    static ByteBuffer fileHeader(long sequence, long firstRound) {
        ByteBuffer header = ByteBuffer.allocate(FILE_HEADER_BYTES);
        header.putLong(MAGIC).putLong(sequence).putLong(firstRound);
        header.putInt(checksum(0, header, 0, FILE_CHECKED_BYTES));
        return header.clear();
    }

    /** The number of the first round of a file; empty when it does not begin as the file of this sequence. */
    static Optional<Long> firstRound(ByteBuffer file, long sequence) {
        if (file.limit() < FILE_HEADER_BYTES
                || file.getLong(0) != MAGIC
                || file.getLong(Long.BYTES) != sequence
                || file.getInt(FILE_CHECKED_BYTES) != checksum(0, file, 0, FILE_CHECKED_BYTES)) {
            return Optional.empty();
        }
        return Optional.of(file.getLong(2 * Long.BYTES));
    }

    // ---- rounds

    static void sealRound(ByteBuffer round, long sequence, long number) {
        round.putInt(Integer.BYTES, round.limit() - ROUND_HEADER_BYTES).putLong(2 * Integer.BYTES, number);
        round.putInt(0, checksum(sequence, round, Integer.BYTES, ROUND_HEADER_BYTES - Integer.BYTES));
    }

    /** The bytes of the entries of the round with a number at a position; empty when none begins there. */
    static Optional<Integer> roundAt(ByteBuffer file, int position, long sequence, long number) {
        if (file.limit() - position < ROUND_HEADER_BYTES
                || file.getLong(position + 2 * Integer.BYTES) != number
                || file.getInt(position)
                        != checksum(sequence, file, position + Integer.BYTES, ROUND_HEADER_BYTES - Integer.BYTES)) {
            return Optional.empty();
        }
        int bytes = file.getInt(position + Integer.BYTES);
        return bytes >= 0 && bytes <= file.limit() - position - ROUND_HEADER_BYTES
                ? Optional.of(bytes)
                : Optional.empty();
    }

    // ---- entries

    /** Writes the head of an entry, without its checksums. */
    static void putEntry(ByteBuffer target, int at, Entry entry) {
        target.putInt(at, 0)
                .put(at + KIND, entry.kind().code)
                .put(at + LOG_KIND, entry.log().kind() == LogId.Kind.CURSOR ? CURSOR_LOG : DATA_LOG)
                .putShort(at + LOG_KIND + 1, (short) 0)
                .putInt(at + PAYLOAD_BYTES, entry.payloadBytes())
                .putInt(at + PARTITION, entry.log().partition())
                .putInt(at + PARTITION + Integer.BYTES, 0)
                .putLong(at + TOPIC_ID, entry.log().topicId().getMostSignificantBits())
                .putLong(at + TOPIC_ID + Long.BYTES, entry.log().topicId().getLeastSignificantBits())
                .putLong(at + SERIAL, entry.serial())
                .putLong(at + OFFSET, entry.offset())
                .putLong(at + END_OFFSET, entry.endOffset());
    }

    /** Lets an entry of a log tell nothing, unless its serial is higher. */
    static void voidEntry(ByteBuffer target, int at, LogId log, long lastSerial) {
        if (target.getLong(at + SERIAL) <= lastSerial && logAt(target, at).equals(log)) {
            target.put(at + KIND, Kind.VOID.code);
        }
    }

    static void sealEntry(ByteBuffer target, int at, long sequence) {
        int payloadBytes = target.getInt(at + PAYLOAD_BYTES);
        target.putInt(at + PAYLOAD_CHECKSUM, checksum(sequence, target, at + ENTRY_HEADER_BYTES, payloadBytes));
        target.putInt(at, headChecksum(target, at, sequence));
    }

    private static int headChecksum(ByteBuffer buffer, int at, long sequence) {
        return checksum(sequence, buffer, at + Integer.BYTES, ENTRY_HEADER_BYTES - Integer.BYTES);
    }

    /** The head of an entry; empty when none begins there that ends before the limit. */
    static Optional<Entry> entryAt(ByteBuffer buffer, int at, int limit, long sequence) {
        if (limit - at < ENTRY_HEADER_BYTES || buffer.getInt(at) != headChecksum(buffer, at, sequence)) {
            return Optional.empty();
        }
        int payloadBytes = buffer.getInt(at + PAYLOAD_BYTES);
        if (payloadBytes < 0 || payloadBytes > limit - at - ENTRY_HEADER_BYTES) {
            return Optional.empty();
        }
        return Kind.of(buffer.get(at + KIND))
                .map(kind -> new Entry(
                        kind,
                        logAt(buffer, at),
                        buffer.getLong(at + SERIAL),
                        buffer.getLong(at + OFFSET),
                        buffer.getLong(at + END_OFFSET),
                        payloadBytes));
    }

    private static LogId logAt(ByteBuffer buffer, int at) {
        return new LogId(
                new UUID(buffer.getLong(at + TOPIC_ID), buffer.getLong(at + TOPIC_ID + Long.BYTES)),
                buffer.getInt(at + PARTITION),
                buffer.get(at + LOG_KIND) == CURSOR_LOG ? LogId.Kind.CURSOR : LogId.Kind.DATA);
    }

    /** Whether the payload of a valid head is as it was written. */
    static boolean hasWholePayload(ByteBuffer buffer, int at, long sequence) {
        int payloadBytes = buffer.getInt(at + PAYLOAD_BYTES);
        return buffer.getInt(at + PAYLOAD_CHECKSUM)
                == checksum(sequence, buffer, at + ENTRY_HEADER_BYTES, payloadBytes);
    }

    private static int checksum(long sequence, ByteBuffer buffer, int from, int bytes) {
        CRC32C crc = new CRC32C();
        for (int shift = 0; shift < Long.SIZE; shift += Byte.SIZE) {
            crc.update((int) (sequence >>> shift) & 0xFF);
        }
        crc.update(buffer.slice(from, bytes));
        return (int) crc.getValue();
    }
}
