package io.millrace.server.queue;

import io.millrace.coordinator.queue.DeliveryHeaders;
import io.millrace.record.RecordVisitor;
import io.millrace.selector.MessageSelector;
import io.millrace.selector.RecordFields;
import io.millrace.selector.RecordView;
import io.millrace.selector.ReservedHeaders;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads of each record whether it matches a selector, and what it says of its delivery.
 *
 * <p>Notes where the headers are that the selector names, and reads those that it asks for. Not safe for use by several threads.
 */
final class SelectingReader implements RecordVisitor, RecordFields {
    private static final int NONE = -1;
    private static final int ENTRIES =
            2; // of a name: its last header with a value; its last header, where that has none

    private final MessageSelector selector;
    private final String partition;
    private final RecordView view = new RecordView(this);
    private final DeliveryHeaderReader delivery = new DeliveryHeaderReader();
    private final String[] names;
    private final byte[][] nameBytes;
    private final int[] valueIndexes; // of the last header with a value
    private final int[] valueLengths;
    private final boolean[] endsWithout; // whether another one without a value comes behind that
    private @Nullable ByteBuf records; // of the record that is looked at
    private int keyIndex;
    private int keyLength = NONE;
    private long timestampMs;
    private long offset;

    /** @param partition its name, as messages have it */
    SelectingReader(MessageSelector selector, String partition) {
        this.selector = selector;
        this.partition = partition;
        Set<String> wanted = new LinkedHashSet<>(selector.identifiers());
        wanted.add(ReservedHeaders.BODY);
        wanted.add(ReservedHeaders.PROPERTY_TYPES);
        this.names = wanted.toArray(new String[0]);
        this.nameBytes = wanted.stream()
                .map(name -> name.getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new);
        this.valueIndexes = new int[names.length];
        this.valueLengths = new int[names.length];
        this.endsWithout = new boolean[names.length];
    }

    /** Of the record that was visited last; changes with the next. */
    DeliveryHeaders headers() {
        return delivery.headers();
    }

    /** Whether the record that was visited last matches. Its batch must still be there. */
    boolean matches(long itsOffset) {
        offset = itsOffset;
        return selector.matches(view);
    }

    @Override
    public void onTimestamp(long itsTimestampMs) {
        timestampMs = itsTimestampMs;
    }

    @Override
    public void onKey(ByteBuf itsRecords, int index, int length) {
        delivery.onKey(itsRecords, index, length);
        records = itsRecords;
        keyIndex = index;
        keyLength = length;
        Arrays.fill(valueLengths, NONE);
        Arrays.fill(endsWithout, false);
    }

    @Override
    public void onHeader(ByteBuf itsRecords, int nameIndex, int nameLength, int valueIndex, int valueLength) {
        delivery.onHeader(itsRecords, nameIndex, nameLength, valueIndex, valueLength);
        for (int i = 0; i < nameBytes.length; i++) {
            if (DeliveryHeaderReader.isName(nameBytes[i], itsRecords, nameIndex, nameLength)) {
                note(i, valueIndex, valueLength);
            }
        }
    }

    private void note(int name, int valueIndex, int valueLength) {
        endsWithout[name] = valueLength < 0;
        if (valueLength >= 0) {
            valueIndexes[name] = valueIndex;
            valueLengths[name] = valueLength;
        }
    }

    @Override
    public int headerCount() {
        return ENTRIES * names.length;
    }

    @Override
    public String headerName(int index) {
        int name = index / ENTRIES;
        boolean isThere = index % ENTRIES == 0 ? valueLengths[name] >= 0 : endsWithout[name];
        return isThere ? names[name] : "";
    }

    @Override
    public byte @Nullable [] headerValue(int index) {
        int name = index / ENTRIES;
        return index % ENTRIES == 0 ? bytes(valueIndexes[name], valueLengths[name]) : null;
    }

    @Override
    public byte @Nullable [] key() {
        return bytes(keyIndex, keyLength);
    }

    private byte @Nullable [] bytes(int index, int length) {
        return length < 0 || records == null ? null : ByteBufUtil.getBytes(records, index, length);
    }

    @Override
    public long timestampMs() {
        return timestampMs;
    }

    @Override
    public String foreignMessageId() {
        return "ID:" + partition + "@" + offset;
    }
}
