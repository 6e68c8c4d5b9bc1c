package io.millrace.protocol.wire;

import static java.lang.invoke.MethodType.methodType;

import io.millrace.protocol.ErrorCode;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A wire type: the Java type it becomes, how it is read and written, and the value of an absent field.
 *
 * <p>A field of a record goes through the method handles, where nothing is boxed; an element of a list or the value of
 * a tagged field through the functions. Immutable.
 */
public final class Type<V> {
    private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

    public static final Type<Boolean> BOOL =
            plain(boolean.class, "bool", Size.of(1), Reader::bool, Writer::bool, false);
    public static final Type<Byte> INT8 = plain(byte.class, "int8", Size.of(1), Reader::int8, Writer::int8, (byte) 0);
    public static final Type<Short> INT16 =
            plain(short.class, "int16", Size.of(2), Reader::int16, Writer::int16, (short) 0);
    public static final Type<Integer> UINT16 =
            plain(int.class, "uint16", Size.of(2), Reader::uint16, Writer::uint16, 0);
    public static final Type<Integer> INT32 = plain(int.class, "int32", Size.of(4), Reader::int32, Writer::int32, 0);
    public static final Type<Long> INT64 = plain(long.class, "int64", Size.of(8), Reader::int64, Writer::int64, 0L);
    public static final Type<Double> FLOAT64 =
            plain(double.class, "float64", Size.of(8), Reader::float64, Writer::float64, 0.0);
    public static final Type<UUID> UUID =
            plain(UUID.class, "uuid", Size.of(16), Reader::uuid, Writer::uuid, new UUID(0, 0));

    /** An INT16 on the wire; a code that is not known here is read as UNKNOWN_SERVER_ERROR. */
    public static final Type<ErrorCode> ERROR_CODE =
            plain(ErrorCode.class, "errorCode", Size.of(2), Reader::errorCode, Writer::errorCode, ErrorCode.NONE);

    public static final Type<String> STRING =
            plain(String.class, "string", Size.counted(2), Reader::string, Writer::string, "");
    public static final Type<String> NULLABLE_STRING = plain(
            String.class, "nullableString", Size.counted(2), Reader::nullableString, Writer::nullableString, null);
    public static final Type<Bytes> BYTES =
            plain(Bytes.class, "bytes", Size.counted(4), Reader::bytes, Writer::bytes, Bytes.EMPTY);
    public static final Type<Bytes> NULLABLE_BYTES =
            plain(Bytes.class, "nullableBytes", Size.counted(4), Reader::nullableBytes, Writer::nullableBytes, null);

    /** Nullable, as every field of record batches in the protocol is. */
    public static final Type<Records> RECORDS =
            plain(Records.class, "records", Size.counted(4), Reader::records, Writer::records, null);

    /** How a value is read from a frame. */
    @FunctionalInterface
    interface From<V> {
        @Nullable
        V read(Reader in);
    }

    /** How a value is written. */
    @FunctionalInterface
    interface To<V> {
        void write(Writer out, V value);
    }

    /** The least number of bytes that a value takes. */
    @FunctionalInterface
    interface Size {
        int bytesMin(int version, boolean flexible);

        static Size of(int bytes) {
            return (version, flexible) -> bytes;
        }

        /** What starts with a count: a varint in flexible versions. */
        static Size counted(int plainCountBytes) {
            return (version, flexible) -> flexible ? 1 : plainCountBytes;
        }
    }

    /** The two ways to read, and the two ways to write. */
    private record Access<V>(From<V> from, To<V> to, MethodHandle read, MethodHandle write) {}

    private final Class<?> javaType;
    private final Access<V> access;
    private final Size size;
    private final @Nullable V absent;
    private final @Nullable Schema<?> nested;

    private Type(Class<?> javaType, Access<V> access, Size size, @Nullable V absent, @Nullable Schema<?> nested) {
        this.javaType = javaType;
        this.access = access;
        this.size = size;
        this.absent = absent;
        this.nested = nested;
    }

    public Spec<V> since(int version) {
        return Spec.always(this).since(version);
    }

    public Spec<V> until(int version) {
        return Spec.always(this).until(version);
    }

    public Spec<V> tag(int tag) {
        return Spec.always(this).tag(tag);
    }

    /** The value that the field has where it is not sent, instead of the type's usual one. */
    public Spec<V> orElse(@Nullable V value) {
        return Spec.always(this).orElse(value);
    }

    /** A nullable type whose null is sent as {@code standIn} before some version. */
    public Spec<V> nullableSince(int version, V standIn) {
        return Spec.always(this).nullableSince(version, standIn);
    }

    /** A nested structure. */
    public static <S extends Record> Type<S> struct(Schema<S> schema, S absent) {
        return composite(schema.javaType(), schema::read, schema::write, schema::bytesMin, absent, schema);
    }

    /** A nested structure that may be missing: a byte says whether it follows. */
    public static <S extends Record> Type<S> nullableStruct(Schema<S> schema) {
        From<S> from = in -> in.int8() < 0 ? null : schema.read(in);
        To<S> to = (out, value) -> {
            out.int8((byte) (value == null ? -1 : 1));
            if (value != null) {
                schema.write(out, value);
            }
        };
        return composite(schema.javaType(), from, to, Size.of(1), null, schema);
    }

    /** A list of nested structures. */
    public static <S extends Record> Type<List<S>> listOf(Schema<S> schema) {
        return list(schema::read, schema::write, schema::bytesMin, schema).notNull();
    }

    /** A list of nested structures that may be null; where the field is absent it is empty. */
    public static <S extends Record> Type<@Nullable List<S>> nullableListOf(Schema<S> schema) {
        return list(schema::read, schema::write, schema::bytesMin, schema).type();
    }

    public static <E> Type<List<E>> listOf(Type<E> element) {
        return list(element.access.from(), element.access.to(), element.size, element.nested)
                .notNull();
    }

    /** A list that may be null; where the field is absent it is empty. */
    public static <E> Type<@Nullable List<E>> nullableListOf(Type<E> element) {
        return list(element.access.from(), element.access.to(), element.size, element.nested)
                .type();
    }

    Class<?> javaType() {
        return javaType;
    }

    /** Takes a Reader, returns the Java type. */
    MethodHandle read() {
        return access.read();
    }

    /** Takes a Writer and the Java type. */
    MethodHandle write() {
        return access.write();
    }

    @Nullable
    V readBoxed(Reader in) {
        return access.from().read(in);
    }

    @SuppressWarnings({"unchecked", "NullAway"}) // the schema has checked that components are of its fields' types
    void writeBoxed(Writer out, @Nullable Object value) {
        access.to().write(out, (V) value);
    }

    int bytesMin(int version, boolean flexible) {
        return size.bytesMin(version, flexible);
    }

    @Nullable
    V absent() {
        return absent;
    }

    @Nullable
    Schema<?> nested() {
        return nested;
    }

    private static <E> ListCodec<E> list(From<E> from, To<E> to, Size size, @Nullable Schema<?> nested) {
        return new ListCodec<>(from, to, size, nested);
    }

    private static <V> Type<V> plain(
            Class<?> javaType, String method, Size size, From<V> from, To<V> to, @Nullable V absent) {
        try {
            var read = LOOKUP.findVirtual(Reader.class, method, methodType(javaType));
            var write = LOOKUP.findVirtual(Writer.class, method, methodType(void.class, javaType));
            return new Type<>(javaType, new Access<>(from, to, read, write), size, absent, null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("no such wire type: " + method, e);
        }
    }

    static <V> Type<V> composite(
            Class<?> javaType, From<V> from, To<V> to, Size size, @Nullable V absent, @Nullable Schema<?> nested) {
        try {
            var read = LOOKUP.findVirtual(From.class, "read", methodType(Object.class, Reader.class))
                    .bindTo(from)
                    .asType(methodType(javaType, Reader.class));
            var write = LOOKUP.findVirtual(To.class, "write", methodType(void.class, Writer.class, Object.class))
                    .bindTo(to)
                    .asType(methodType(void.class, Writer.class, javaType));
            return new Type<>(javaType, new Access<>(from, to, read, write), size, absent, nested);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("wire type of " + javaType, e);
        }
    }
}
