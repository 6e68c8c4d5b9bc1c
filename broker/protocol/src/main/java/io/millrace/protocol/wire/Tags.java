package io.millrace.protocol.wire;

import io.netty.buffer.ByteBuf;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The tag section that ends every structure of a flexible version, for one structure in one version (KIP-482). */
final class Tags {
    private static final int SCRATCH_BYTES = 64;

    /** A known tag, and how to get its value from the record. */
    record Tagged(Field field, MethodHandle accessor) {
        boolean isSet(Object record) throws Throwable {
            return !Objects.equals(value(record), field.absent());
        }

        @Nullable
        Object value(Object record) throws Throwable {
            return accessor.invoke(record);
        }
    }

    private final List<Tagged> known;
    private final @Nullable Object[] absent;

    Tags(List<Tagged> known) {
        this.known = known;
        this.absent = known.stream().map(tagged -> tagged.field().absent()).toArray();
    }

    /** Values of the known tags, in the order of the fields. Unknown tags are skipped. */
    @Nullable
    Object[] read(Reader in) {
        @Nullable Object[] values = known.isEmpty() ? absent : absent.clone();
        int count = in.flexible() ? in.unsignedVarint() : 0;
        if (count < 0) {
            throw new MalformedMessageException(
                    "number of tagged fields " + count + " before byte " + in.position() + " is negative");
        }
        for (; count > 0; count--) {
            readOne(in, values);
        }
        return values;
    }

    private void readOne(Reader in, @Nullable Object[] values) {
        int tag = in.unsignedVarint();
        int end = in.endOf(in.unsignedVarint());
        for (int i = 0; i < values.length; i++) {
            Field field = known.get(i).field();
            if (field.tag() == tag) {
                values[i] = field.type().readBoxed(in);
            }
        }
        in.moveTo(end);
    }

    /** Only values that differ from their default are sent. */
    void write(Writer out, Object record) throws Throwable {
        if (!out.flexible()) {
            return;
        }
        int count = 0;
        for (Tagged tagged : known) {
            count += tagged.isSet(record) ? 1 : 0;
        }
        out.unsignedVarint(count);
        if (count == 0) {
            return;
        }
        for (Tagged tagged : known) {
            if (tagged.isSet(record)) {
                writeOne(tagged, out, record);
            }
        }
    }

    private static void writeOne(Tagged tagged, Writer out, Object record) throws Throwable {
        ByteBuf value = out.buffer().alloc().buffer(SCRATCH_BYTES);
        try {
            tagged.field().type().writeBoxed(out.insideTag(value), tagged.value(record));
            out.unsignedVarint(tagged.field().tag());
            out.unsignedVarint(value.readableBytes());
            out.buffer().writeBytes(value);
        } finally {
            value.release();
        }
    }
}
