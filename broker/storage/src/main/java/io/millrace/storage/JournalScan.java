package io.millrace.storage;

import io.millrace.storage.JournalFormat.Entry;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Reads the rounds of one file of the journal.
 *
 * <p>A round that is not valid was torn when it is the last one; nobody was told that it is kept. When valid rounds follow it, it was
 * damaged later: then what can still be read of it counts, and the rest is reported.
 */
final class JournalScan {

    /** Takes entries in their order. */
    interface EntryConsumer {
        /**
         * @param position of the payload in the file
         * @param whole whether the payload is as it was written
         */
        void accept(Entry entry, int file, int position, ByteBuffer payload, boolean whole);
    }

    private final ByteBuffer bytes;
    private final long sequence;
    private long nextRound;
    private Optional<String> damage = Optional.empty();
    private boolean empty = true;

    JournalScan(ByteBuffer bytes, long sequence, long firstRound) {
        this.bytes = bytes;
        this.sequence = sequence;
        this.nextRound = firstRound;
    }

    /** What cannot be attributed to any log. */
    Optional<String> damage() {
        return damage;
    }

    /** Whether nothing of any round was found. */
    boolean isEmpty() {
        return empty;
    }

    /** Hands out all entries; answers the number of the round that should follow in the next file. */
    long read(int file, EntryConsumer consumer) {
        int position = JournalFormat.FILE_HEADER_BYTES;
        while (true) {
            Optional<Integer> size = JournalFormat.roundAt(bytes, position, sequence, nextRound);
            int end = size.map(position(position)).orElse(position);
            if (size.isPresent() && isWhole(position + JournalFormat.ROUND_HEADER_BYTES, end)) {
                readEntries(position + JournalFormat.ROUND_HEADER_BYTES, end, file, consumer);
                position = end;
                nextRound++;
                empty = false;
                continue;
            }
            int following = laterRound(Math.max(end, position + JournalFormat.ALIGNMENT));
            if (following < 0) {
                return nextRound;
            }
            empty = false;
            readDamaged(position, following, file, consumer);
            position = following;
            nextRound = bytes.getLong(following + Long.BYTES);
        }
    }

    private static java.util.function.Function<Integer, Integer> position(int round) {
        return size -> round + JournalFormat.ROUND_HEADER_BYTES + size;
    }

    private boolean isWhole(int from, int to) {
        int at = from;
        while (at < to) {
            Optional<Entry> entry = JournalFormat.entryAt(bytes, at, to, sequence);
            if (entry.isEmpty() || !JournalFormat.hasWholePayload(bytes, at, sequence)) {
                return false;
            }
            at = behind(at, entry.get());
        }
        return true;
    }

    private static int behind(int at, Entry entry) {
        return at + JournalFormat.ENTRY_HEADER_BYTES + JournalFormat.aligned(entry.payloadBytes());
    }

    private void readEntries(int from, int to, int file, EntryConsumer consumer) {
        int at = from;
        while (at < to) {
            Optional<Entry> entry = JournalFormat.entryAt(bytes, at, to, sequence);
            if (entry.isEmpty()) {
                return;
            }
            hand(at, entry.get(), file, consumer);
            at = behind(at, entry.get());
        }
    }

    private void hand(int at, Entry entry, int file, EntryConsumer consumer) {
        int payload = at + JournalFormat.ENTRY_HEADER_BYTES;
        consumer.accept(
                entry,
                file,
                payload,
                bytes.slice(payload, entry.payloadBytes()),
                JournalFormat.hasWholePayload(bytes, at, sequence));
    }

    /** Where a round with a greater number begins; -1 when none does. */
    private int laterRound(int from) {
        for (int at = from; at + JournalFormat.ROUND_HEADER_BYTES <= bytes.limit(); at += JournalFormat.ALIGNMENT) {
            long number = bytes.getLong(at + Long.BYTES);
            if (number > nextRound
                    && JournalFormat.roundAt(bytes, at, sequence, number).isPresent()) {
                return at;
            }
        }
        return -1;
    }

    /** Hands out what is left of damaged rounds; what lies between the entries that can be read is lost. */
    private void readDamaged(int from, int to, int file, EntryConsumer consumer) {
        int at = from + JournalFormat.ROUND_HEADER_BYTES;
        int lost = 0;
        while (at < to) {
            Optional<Entry> entry = JournalFormat.entryAt(bytes, at, to, sequence);
            if (entry.isPresent()) {
                hand(at, entry.get(), file, consumer);
                at = behind(at, entry.get());
            } else {
                lost += JournalFormat.ALIGNMENT;
                at += JournalFormat.ALIGNMENT;
            }
        }
        if (lost > 0) {
            damage = Optional.of(lost + " bytes of round " + nextRound + " cannot be read");
        }
    }
}
