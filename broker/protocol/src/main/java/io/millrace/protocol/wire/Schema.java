package io.millrace.protocol.wire;

import java.util.ArrayList;
import java.util.List;

/**
 * The wire layout of a record in every version of the protocol: one line per component, in component order, tagged
 * fields last. Both directions come from this one description.
 *
 * <p>Immutable but for the codecs, which are compiled on first use of a version and may be used by any thread.
 */
public final class Schema<T extends Record> {
    private static final int VERSION_LIMIT = 32;

    private final Class<T> javaType;
    private final List<Field> fields;
    private final SchemaCompiler compiler;
    private final Codec[] codecs = new Codec[VERSION_LIMIT]; // filled on first use; a race compiles twice, harmlessly

    private Schema(Class<T> javaType, List<Field> fields) {
        this.javaType = javaType;
        this.fields = List.copyOf(fields);
        this.compiler = new SchemaCompiler(javaType, this.fields);
    }

    public static <T extends Record> Builder<T> of(Class<T> javaType) {
        return new Builder<>(javaType);
    }

    /** @throws MalformedMessageException if the bytes do not follow this layout */
    public T read(Reader in) {
        return javaType.cast(codec(in.version()).read(in));
    }

    /** @throws IllegalStateException if the version cannot carry a value that it may not drop */
    public void write(Writer out, T value) {
        codec(out.version()).write(out, value);
    }

    /**
     * A copy of a value in which one field is another. Slow: made with reflection.
     *
     * @throws IllegalArgumentException if there is no such field, or the new value is not of its type
     */
    public T with(T value, String field, Object newValue) {
        for (int i = 0; i < fields.size(); i++) {
            if (fields.get(i).name().equals(field)) {
                return javaType.cast(compiler.copy(value, i, newValue));
            }
        }
        throw new IllegalArgumentException(javaType.getSimpleName() + " has no field " + field + ", only "
                + fields.stream().map(Field::name).toList());
    }

    public List<Field> fields() {
        return fields;
    }

    public Class<T> javaType() {
        return javaType;
    }

    /** The least number of bytes that a value takes. */
    int bytesMin(int version, boolean flexible) {
        return codec(version).bytesMin(flexible);
    }

    private Codec codec(int version) {
        Codec codec = codecs[version];
        if (codec == null) {
            codec = compiler.compile(version);
            codecs[version] = codec;
        }
        return codec;
    }

    /** Collects the fields in the order of the record's components. */
    public static final class Builder<T extends Record> {
        private final Class<T> javaType;
        private final List<Field> fields = new ArrayList<>();

        private Builder(Class<T> javaType) {
            this.javaType = javaType;
        }

        /** A field that every version has. */
        public Builder<T> field(String name, Type<?> type) {
            return field(name, Spec.always(type));
        }

        public Builder<T> field(String name, Spec<?> spec) {
            fields.add(new Field(name, spec));
            return this;
        }

        /** @throws IllegalStateException if the fields differ from the record's components */
        public Schema<T> build() {
            return new Schema<>(javaType, fields);
        }
    }
}
