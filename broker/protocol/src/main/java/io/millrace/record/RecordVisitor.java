package io.millrace.record;

import io.netty.buffer.ByteBuf;

/** Is shown what a record says besides its value, as bytes, without objects being made of it. */
public interface RecordVisitor {

    /** Told first. */
    default void onTimestamp(long timestampMs) {}

    /** @param length -1 where the record has no key */
    void onKey(ByteBuf records, int index, int length);

    /** @param valueLength -1 where the header has no value */
    void onHeader(ByteBuf records, int nameIndex, int nameLength, int valueIndex, int valueLength);
}
