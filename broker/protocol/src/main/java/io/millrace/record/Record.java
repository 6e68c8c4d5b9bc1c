package io.millrace.record;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One record of a batch.
 *
 * <p>Key and value are slices without a reference count of their own. In an uncompressed batch they live as long as the
 * buffer of the batch; in a compressed one they point into memory of the heap.
 *
 * @param timestamp milliseconds since 1970: set by the producer or, with log append time, by the broker
 */
@SuppressWarnings("JavaLangClash") // the word of the field; java.lang.Record is never written out
public record Record(
        long offset, long timestamp, @Nullable ByteBuf key, @Nullable ByteBuf value, List<RecordHeader> headers) {

    /** A copy of the key that stays valid when the batch is gone. */
    public byte @Nullable [] keyBytes() {
        return copyOf(key);
    }

    /** A copy of the value that stays valid when the batch is gone. */
    public byte @Nullable [] valueBytes() {
        return copyOf(value);
    }

    private static byte @Nullable [] copyOf(@Nullable ByteBuf bytes) {
        return bytes == null ? null : ByteBufUtil.getBytes(bytes);
    }
}
