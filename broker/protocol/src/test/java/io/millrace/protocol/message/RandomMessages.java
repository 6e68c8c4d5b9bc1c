package io.millrace.protocol.message;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Bytes;
import io.millrace.protocol.wire.Field;
import io.millrace.protocol.wire.Records;
import io.millrace.protocol.wire.Schema;
import io.netty.buffer.Unpooled;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Messages of this module, every component filled at random. */
final class RandomMessages {
    private static final int ELEMENTS_MAX = 3;
    private static final int RECORDS_BYTES_MAX = 1_000;

    private final Random random;
    private final Map<Class<?>, Supplier<Object>> values;

    RandomMessages(Random random) {
        this.random = random;
        this.values = Map.of(
                boolean.class, random::nextBoolean,
                byte.class, () -> (byte) random.nextInt(),
                short.class, () -> (short) random.nextInt(),
                int.class, random::nextInt,
                Integer.class, random::nextInt,
                long.class, random::nextLong,
                UUID.class, () -> new UUID(random.nextLong(), random.nextLong()),
                String.class, () -> "häuser-" + random.nextInt(1_000),
                ErrorCode.class, () -> ErrorCode.values()[random.nextInt(ErrorCode.values().length)],
                Records.class, () -> Records.of(Unpooled.wrappedBuffer(bytes())));
    }

    /** Fields that the version does not have are as where they are absent. */
    <T extends Record> Message message(Schema<T> schema, int version) {
        T message = schema.javaType().cast(record(schema.javaType()));
        for (Field field : schema.fields()) {
            message = field.isIn(version)
                    ? message
                    : schema.with(message, field.name(), field.spec().absent());
        }
        return (Message) message;
    }

    private Object record(Class<?> type) {
        RecordComponent[] components = type.getRecordComponents();
        Object[] arguments =
                Stream.of(components).map(c -> value(c.getAnnotatedType())).toArray();
        Class<?>[] types = Stream.of(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            return constructor.newInstance(arguments);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("cannot make a " + type, e);
        }
    }

    private @Nullable Object value(AnnotatedType annotated) {
        if (annotated.isAnnotationPresent(Nullable.class) && random.nextInt(4) == 0) {
            return null;
        }
        if (annotated instanceof AnnotatedParameterizedType list) {
            return list(list.getAnnotatedActualTypeArguments()[0]);
        }
        var type = (Class<?>) annotated.getType();
        if (type == Bytes.class) {
            return Bytes.consume(bytes());
        }
        return values.getOrDefault(type, () -> record(type)).get();
    }

    private List<Object> list(AnnotatedType element) {
        var list = new ArrayList<>();
        for (int i = random.nextInt(ELEMENTS_MAX + 1); i > 0; i--) {
            list.add(value(element));
        }
        return list;
    }

    private byte[] bytes() {
        byte[] bytes = new byte[random.nextInt(RECORDS_BYTES_MAX)];
        random.nextBytes(bytes);
        return bytes;
    }
}
