package io.millrace.samples.streamprocessor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.jspecify.annotations.Nullable;

/** Records as JSON, which is what the beans send and receive. */
final class JsonSerde {
    private static final ObjectMapper JSON = new ObjectMapper();

    private JsonSerde() {}

    static <T> Serde<T> of(Class<T> type) {
        return Serdes.serdeFrom((topic, value) -> write(value), (topic, bytes) -> read(topic, bytes, type));
    }

    /** Kafka Streams hands a value that is missing to its serializer, too. */
    private static byte @Nullable [] write(@Nullable Object value) {
        try {
            return value == null ? null : JSON.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new SerializationException("cannot write " + value + " as JSON", e);
        }
    }

    private static <T> @Nullable T read(String topic, byte @Nullable [] bytes, Class<T> type) {
        try {
            return bytes == null ? null : JSON.readValue(bytes, type);
        } catch (IOException e) {
            throw new SerializationException("a record of " + topic + " is no " + type.getSimpleName(), e);
        }
    }
}
