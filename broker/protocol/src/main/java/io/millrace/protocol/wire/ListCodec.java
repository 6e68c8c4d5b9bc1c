package io.millrace.protocol.wire;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lists of any element on the wire.
 *
 * <p>A count is believed only as far as the bytes left in the frame can hold as many elements, and even then memory
 * is taken step by step: a frame that lies costs a bounded multiple of what it has sent.
 *
 * @param size of one element
 */
record ListCodec<E>(Type.From<E> from, Type.To<E> to, Type.Size size, @Nullable Schema<?> nested) {
    /** Larger lists grow while their elements arrive. */
    private static final int INITIAL_CAPACITY_MAX = 1024;

    Type<List<E>> notNull() {
        Type.From<List<E>> required = in -> {
            List<E> list = read(in);
            if (list == null) {
                throw new MalformedMessageException(
                        "null list before byte " + in.position() + " where one is required");
            }
            return list;
        };
        return Type.composite(List.class, required, this::write, Type.Size.counted(4), List.of(), nested);
    }

    Type<@Nullable List<E>> type() {
        return Type.composite(List.class, this::read, this::write, Type.Size.counted(4), List.of(), nested);
    }

    @Nullable
    @SuppressWarnings("NullAway") // an element is null only where its own type is nullable
    private List<E> read(Reader in) {
        // An element of no bytes does not exist in the protocol; counting one keeps such a list within the frame.
        int elementBytesMin = Math.max(1, size.bytesMin(in.version(), in.flexible()));
        int count = in.count(elementBytesMin);
        if (count <= 0) {
            return count < 0 ? null : List.of();
        }
        var list = new ArrayList<E>(Math.min(count, INITIAL_CAPACITY_MAX));
        for (int i = 0; i < count; i++) {
            list.add(from.read(in));
        }
        return Collections.unmodifiableList(list);
    }

    private void write(Writer out, @Nullable List<E> list) {
        if (list == null) {
            out.length(-1);
            return;
        }
        out.length(list.size());
        for (int i = 0; i < list.size(); i++) {
            to.write(out, list.get(i));
        }
    }
}
