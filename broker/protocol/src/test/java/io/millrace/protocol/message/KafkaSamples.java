package io.millrace.protocol.message;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.types.BoundField;
import org.apache.kafka.common.protocol.types.Field;
import org.apache.kafka.common.protocol.types.Schema;
import org.apache.kafka.common.protocol.types.TaggedFields;
import org.apache.kafka.common.protocol.types.Type;
import org.apache.kafka.common.record.internal.MemoryRecords;

/** Messages of kafka-clients, every field that a version has filled at random through its setter. */
final class KafkaSamples {
    private static final int LAST_ERROR_CODE = 136;
    private static final int ELEMENTS_MAX = 3;
    private static final Map<Class<?>, Map<String, Method>> SETTERS = new ConcurrentHashMap<>();

    private final Random random;

    KafkaSamples(Random random) {
        this.random = random;
    }

    static Schema schema(ApiKey api, boolean request, int version) {
        ApiMessageType type = ApiMessageType.fromApiKey(api.id());
        return (request ? type.requestSchemas() : type.responseSchemas())[version];
    }

    ApiMessage message(ApiKey api, boolean request, int version) {
        ApiMessageType type = ApiMessageType.fromApiKey(api.id());
        ApiMessage message = request ? type.newRequest() : type.newResponse();
        fill(message, schema(api, request, version));
        return message;
    }

    private void fill(Object message, Schema schema) {
        for (BoundField bound : schema.fields()) {
            if (bound.def.type instanceof TaggedFields tagged) {
                for (Field field : tagged.fields().values()) {
                    if (random.nextBoolean()) {
                        set(message, field.name, field.type);
                    }
                }
            } else {
                set(message, bound.def.name, bound.def.type);
            }
        }
    }

    private void set(Object message, String name, Type type) {
        Method setter = setter(message.getClass(), name);
        try {
            setter.invoke(message, value(name, type, setter));
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new AssertionError("cannot set " + name + " of " + message.getClass(), e);
        }
    }

    private Object value(String name, Type type, Method setter) {
        if (type.isNullable() && random.nextInt(4) == 0) {
            return null;
        }
        Class<?> wanted = setter.getParameterTypes()[0];
        if (Collection.class.isAssignableFrom(wanted)) {
            return elements(wanted, setter, type.arrayElementType().orElseThrow());
        }
        if (name.endsWith("error_code")) {
            return (short) (random.nextInt(LAST_ERROR_CODE + 2) - 1);
        }
        return one(wanted, type);
    }

    private Collection<Object> elements(Class<?> wanted, Method setter, Type elementType) {
        int count = random.nextInt(ELEMENTS_MAX + 1);
        Collection<Object> elements = wanted == List.class ? new ArrayList<>() : newCollection(wanted);
        Class<?> elementClass = elementClass(wanted, setter);
        for (int i = 0; i < count; i++) {
            elements.add(one(elementClass, elementType));
        }
        return elements;
    }

    private static Class<?> elementClass(Class<?> wanted, Method setter) {
        var generic = wanted == List.class ? setter.getGenericParameterTypes()[0] : wanted.getGenericSuperclass();
        return (Class<?>) ((ParameterizedType) generic).getActualTypeArguments()[0];
    }

    @SuppressWarnings("unchecked")
    private static Collection<Object> newCollection(Class<?> wanted) {
        return (Collection<Object>) newInstance(wanted);
    }

    private static Object newInstance(Class<?> wanted) {
        try {
            return wanted.getConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new AssertionError("cannot make a " + wanted, e);
        }
    }

    private Object one(Class<?> wanted, Type type) {
        if (type instanceof Schema nested) {
            Object struct = newInstance(wanted);
            fill(struct, nested);
            return struct;
        }
        if (wanted == String.class) {
            return string();
        }
        if (wanted == Uuid.class) {
            return new Uuid(random.nextLong(), random.nextLong());
        }
        if (wanted == byte[].class) {
            return bytes(random.nextInt(200));
        }
        if (wanted.getSimpleName().equals("BaseRecords")) {
            return MemoryRecords.readableRecords(ByteBuffer.wrap(bytes(random.nextInt(2000))));
        }
        return number(wanted);
    }

    private Object number(Class<?> wanted) {
        long number = random.nextInt(3) == 0 ? random.nextInt(100) - 1 : random.nextLong();
        if (wanted == boolean.class) {
            return number % 2 == 0;
        } else if (wanted == byte.class || wanted == Byte.class) {
            return (byte) number;
        } else if (wanted == short.class) {
            return (short) number;
        } else if (wanted == int.class || wanted == Integer.class) {
            return (int) number;
        } else if (wanted == long.class || wanted == Long.class) {
            return number;
        } else if (wanted == double.class) {
            return (double) number;
        }
        throw new AssertionError("no sample for " + wanted);
    }

    private String string() {
        int length = random.nextInt(20) == 0 ? 200 : random.nextInt(12);
        var text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.appendCodePoint(random.nextInt(4) == 0 ? 0x1F300 + random.nextInt(100) : 'a' + random.nextInt(26));
        }
        return text.toString();
    }

    private byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static Method setter(Class<?> type, String name) {
        Method setter = SETTERS.computeIfAbsent(type, KafkaSamples::setters).get(name.replace("_", ""));
        if (setter == null) {
            throw new AssertionError(type + " has no setter for " + name);
        }
        return setter;
    }

    private static Map<String, Method> setters(Class<?> type) {
        return Stream.of(type.getMethods())
                .filter(method -> method.getName().startsWith("set") && method.getParameterCount() == 1)
                .collect(
                        Collectors.toMap(method -> method.getName().substring(3).toLowerCase(Locale.ROOT), m -> m));
    }
}
