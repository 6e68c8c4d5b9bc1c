package io.millrace.storage;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What goes into the journal together: entries, and logs whose segments are forced instead.
 *
 * <p>Owned by whoever fills it, then by the thread that writes it; {@link Journal} passes it on.
 */
final class JournalRound {

    private static final int FIRST_BYTES = 16 * 1024;

    private final int bytesMax;
    private final Map<JournaledLog, JournaledLog.Mark> marks = new LinkedHashMap<>();
    private final Set<JournaledLog> bypassing = new LinkedHashSet<>();
    private final Set<JournaledLog> noting = new HashSet<>();
    private ByteBuffer buffer = ByteBuffer.allocateDirect(FIRST_BYTES).position(JournalFormat.ROUND_HEADER_BYTES);

    /** @param bytesMax what entries with payloads may take together */
    JournalRound(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    boolean isEmpty() {
        return !hasEntries() && bypassing.isEmpty();
    }

    boolean hasEntries() {
        return buffer.position() > JournalFormat.ROUND_HEADER_BYTES;
    }

    /** How far each log has come that has entries here. */
    Map<JournaledLog, JournaledLog.Mark> marks() {
        return marks;
    }

    /** The logs that are to be forced before the entries are written. */
    Set<JournaledLog> bypassing() {
        return bypassing;
    }

    /** The logs among those with marks that told of more than appends. */
    Set<JournaledLog> noting() {
        return noting;
    }

    /** Whether a payload of that size still fits. */
    boolean hasRoomFor(int payloadBytes) {
        return (long) buffer.position() + JournalFormat.ENTRY_HEADER_BYTES + payloadBytes + JournalFormat.ALIGNMENT
                <= bytesMax;
    }

    void bypass(JournaledLog log) {
        bypassing.add(log);
    }

    /** Adds an entry; the payload stays the caller's. */
    void add(JournalFormat.Entry entry, @Nullable ByteBuf payload) {
        int at = buffer.position();
        int next = at + JournalFormat.ENTRY_HEADER_BYTES + JournalFormat.aligned(entry.payloadBytes());
        ensureCapacity(next);
        JournalFormat.putEntry(buffer, at, entry);
        if (payload != null) {
            ByteBuffer target = buffer.duplicate()
                    .position(at + JournalFormat.ENTRY_HEADER_BYTES)
                    .limit(at + JournalFormat.ENTRY_HEADER_BYTES + entry.payloadBytes());
            payload.getBytes(payload.readerIndex(), target);
        }
        for (int pad = at + JournalFormat.ENTRY_HEADER_BYTES + entry.payloadBytes(); pad < next; pad++) {
            buffer.put(pad, (byte) 0);
        }
        buffer.position(next);
    }

    /** Notes how far a log has come with its entries. */
    void mark(JournaledLog log, JournaledLog.Mark mark) {
        marks.put(log, mark);
    }

    /** {@link #mark} for an entry that is no append. */
    void markNote(JournaledLog log, JournaledLog.Mark mark) {
        mark(log, mark);
        noting.add(log);
    }

    private void ensureCapacity(int bytes) {
        if (bytes > buffer.capacity()) {
            ByteBuffer larger = ByteBuffer.allocateDirect(Math.max(bytes, 2 * buffer.capacity()));
            larger.put(buffer.flip());
            buffer = larger;
        }
    }

    int sizeInBytes() {
        return buffer.position();
    }

    /** Takes back what a log told, up to an entry. */
    void drop(LogId log, long lastSerial) {
        int at = JournalFormat.ROUND_HEADER_BYTES;
        while (at < buffer.position()) {
            JournalFormat.voidEntry(buffer, at, log, lastSerial);
            at = next(buffer, at);
        }
    }

    private static int next(ByteBuffer entries, int at) {
        int payloadBytes = entries.getInt(at + Long.BYTES);
        return at + JournalFormat.ENTRY_HEADER_BYTES + JournalFormat.aligned(payloadBytes);
    }

    /** Computes the checksums; answers the bytes to write. */
    ByteBuffer seal(long sequence, long number) {
        ByteBuffer whole = buffer.duplicate().flip();
        int at = JournalFormat.ROUND_HEADER_BYTES;
        while (at < whole.limit()) {
            JournalFormat.sealEntry(whole, at, sequence);
            at = next(whole, at);
        }
        JournalFormat.sealRound(whole, sequence, number);
        return whole;
    }

    /** Makes it ready for other entries. */
    void clear() {
        marks.clear();
        noting.clear();
        bypassing.clear();
        buffer.clear().position(JournalFormat.ROUND_HEADER_BYTES);
    }
}
