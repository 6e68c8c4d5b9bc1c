package io.millrace.protocol.wire;

import static java.lang.invoke.MethodType.methodType;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Turns a schema into two method handles per version, so that the JIT sees straight-line code: no boxing, no branch on
 * the version, no lookup by field.
 *
 * <p>Reading {@code R(a, b, tagged)} compiles to {@code in -> new R(readA(in), readB(in), tags(in)[0])}. Writing compiles
 * to {@code (out, r) -> writeA(out, r.a()); writeB(out, r.b()); writeTags(out, r)}.
 */
final class SchemaCompiler {
    private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

    private final Class<?> javaType;
    private final List<Field> fields;
    private final MethodHandle constructor;
    private final MethodHandle[] accessors;

    SchemaCompiler(Class<? extends Record> javaType, List<Field> fields) {
        this.javaType = javaType;
        this.fields = fields;
        RecordComponent[] components = javaType.getRecordComponents();
        checkAgreement(components);
        checkTagsComeLast();
        try {
            var lookup = MethodHandles.privateLookupIn(javaType, LOOKUP);
            var types = Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
            constructor = lookup.findConstructor(javaType, methodType(void.class, types));
            accessors = new MethodHandle[components.length];
            for (int i = 0; i < components.length; i++) {
                accessors[i] = lookup.unreflect(components[i].getAccessor());
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("schema of " + javaType, e);
        }
    }

    Codec compile(int version) {
        try {
            Tags tags = tags(version);
            return new Codec(
                    javaType.getSimpleName(),
                    compileReader(version, tags),
                    compileWriter(version, tags),
                    bytesMin(version, false),
                    bytesMin(version, true));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("schema of " + javaType + ", version " + version, e);
        }
    }

    /** A copy of a value in which the component at an index is another. */
    @SuppressWarnings("checkstyle:IllegalCatch") // a method handle declares Throwable, whatever it does
    Object copy(Object value, int index, Object newValue) {
        try {
            Object[] components = new Object[accessors.length];
            for (int i = 0; i < components.length; i++) {
                components[i] = i == index ? newValue : accessors[i].invoke(value);
            }
            return constructor.invokeWithArguments(components);
        } catch (ClassCastException e) {
            throw new IllegalArgumentException(
                    fields.get(index).name() + " of " + javaType.getSimpleName() + " cannot be " + newValue, e);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("copying " + javaType.getSimpleName(), e);
        }
    }

    private void checkAgreement(RecordComponent[] components) {
        boolean agree = components.length == fields.size();
        for (int i = 0; agree && i < components.length; i++) {
            Field field = fields.get(i);
            agree = components[i].getName().equals(field.name())
                    && components[i].getType() == field.type().javaType();
        }
        if (!agree) {
            throw new IllegalStateException(
                    "fields of " + javaType + " must be its components " + Arrays.toString(components) + ", but are "
                            + fields.stream().map(Field::name).toList());
        }
    }

    private void checkTagsComeLast() {
        int tagBefore = -1;
        for (Field field : fields) {
            if (field.tag() < tagBefore || (field.isTagged() && field.tag() == tagBefore)) {
                throw new IllegalStateException(
                        "tagged fields of " + javaType + " must come last, in the order of their tags; see " + field);
            }
            tagBefore = field.tag();
        }
    }

    private MethodHandle compileReader(int version, Tags tags) throws ReflectiveOperationException {
        List<Field> plain =
                fields.stream().filter(f -> f.isIn(version) && !f.isTagged()).toList();
        List<Field> tagged =
                fields.stream().filter(f -> f.isIn(version) && f.isTagged()).toList();
        MethodHandle make = takeTagsFromArray(fillInAbsent(version), plain.size(), tagged);
        MethodHandle[] readers = new MethodHandle[plain.size() + 1];
        for (int i = 0; i < plain.size(); i++) {
            readers[i] = plain.get(i).type().read();
        }
        readers[plain.size()] = LOOKUP.findVirtual(Tags.class, "read", methodType(Object[].class, Reader.class))
                .bindTo(tags);
        MethodHandle eachFromOneReader = MethodHandles.filterArguments(make, 0, readers);
        return MethodHandles.permuteArguments(
                eachFromOneReader, methodType(Object.class, Reader.class), new int[readers.length]);
    }

    /** The constructor with every component that this version lacks set to its default. */
    private MethodHandle fillInAbsent(int version) {
        MethodHandle make = constructor;
        for (int i = fields.size() - 1; i >= 0; i--) {
            if (!fields.get(i).isIn(version)) {
                make = MethodHandles.insertArguments(make, i, fields.get(i).absent());
            }
        }
        return make.asType(make.type().changeReturnType(Object.class));
    }

    /** Replaces the trailing tagged parameters with a single Object[]. */
    private static MethodHandle takeTagsFromArray(MethodHandle make, int plainCount, List<Field> tagged) {
        MethodHandle result = make;
        var element = MethodHandles.arrayElementGetter(Object[].class);
        for (int i = 0; i < tagged.size(); i++) {
            var slot = MethodHandles.insertArguments(element, 1, i);
            var slotType = methodType(tagged.get(i).type().javaType(), Object[].class);
            result = MethodHandles.filterArguments(result, plainCount + i, slot.asType(slotType));
        }
        MethodType plainThenTags = make.type()
                .dropParameterTypes(plainCount, plainCount + tagged.size())
                .appendParameterTypes(Object[].class);
        int[] order = new int[plainCount + tagged.size()];
        Arrays.setAll(order, i -> Math.min(i, plainCount));
        return MethodHandles.permuteArguments(result, plainThenTags, order);
    }

    private MethodHandle compileWriter(int version, Tags tags) throws ReflectiveOperationException {
        MethodHandle write = LOOKUP.findVirtual(Tags.class, "write", methodType(void.class, Writer.class, Object.class))
                .bindTo(tags)
                .asType(methodType(void.class, Writer.class, javaType));
        for (int i = fields.size() - 1; i >= 0; i--) {
            Field field = fields.get(i);
            if (field.isIn(version) && !field.isTagged()) {
                var writeField =
                        MethodHandles.filterArguments(field.type().write(), 1, sent(field, accessors[i], version));
                write = MethodHandles.foldArguments(write, writeField);
            } else if (!field.isIn(version) && field.spec().mandatory()) {
                write = MethodHandles.foldArguments(write, unsetCheck(field, accessors[i]));
            }
        }
        return write.asType(methodType(void.class, Writer.class, Object.class));
    }

    /** The component's value, or what stands for null in a version that has none. */
    private static MethodHandle sent(Field field, MethodHandle accessor, int version)
            throws ReflectiveOperationException {
        if (version >= field.spec().nullableSince()) {
            return accessor;
        }
        var type = methodType(Object.class, Object.class, Object.class);
        var orStandIn = LOOKUP.findStatic(Objects.class, "requireNonNullElse", type);
        var bound = MethodHandles.insertArguments(orStandIn, 1, field.spec().nullStandIn());
        Class<?> javaType = accessor.type().returnType();
        return MethodHandles.filterReturnValue(accessor, bound.asType(methodType(javaType, javaType)));
    }

    private MethodHandle unsetCheck(Field field, MethodHandle accessor) throws ReflectiveOperationException {
        var type = methodType(void.class, Field.class, Writer.class, Object.class);
        var check = MethodHandles.insertArguments(LOOKUP.findVirtual(SchemaCompiler.class, "checkUnset", type), 0, this)
                .bindTo(field);
        var boxed = accessor.asType(accessor.type().changeReturnType(Object.class));
        return MethodHandles.filterArguments(check, 1, boxed);
    }

    @SuppressWarnings("UnusedMethod") // called through a method handle
    private void checkUnset(Field field, Writer out, @Nullable Object value) {
        if (!Objects.equals(value, field.absent())) {
            throw new IllegalStateException(javaType.getSimpleName() + "." + field.name() + " is " + value
                    + ", which version " + out.version() + " cannot carry; it must be " + field.absent());
        }
    }

    private int bytesMin(int version, boolean flexible) {
        int bytes = flexible ? 1 : 0;
        for (Field field : fields) {
            if (field.isIn(version) && !field.isTagged()) {
                bytes += field.type().bytesMin(version, flexible);
            }
        }
        return bytes;
    }

    private Tags tags(int version) {
        var known = new ArrayList<Tags.Tagged>();
        for (int i = 0; i < accessors.length; i++) {
            if (fields.get(i).isIn(version) && fields.get(i).isTagged()) {
                known.add(new Tags.Tagged(fields.get(i), accessors[i]));
            }
        }
        return new Tags(known);
    }
}
