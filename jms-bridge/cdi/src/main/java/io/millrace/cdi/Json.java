package io.millrace.cdi;

import jakarta.json.bind.Jsonb;
import jakarta.json.bind.JsonbBuilder;
import jakarta.json.bind.JsonbException;
import java.lang.reflect.Type;

/**
 * Objects as JSON. The only class that names JSON-B, so that applications without it can send text and bytes.
 *
 * <p>Safe for use by any thread.
 */
final class Json {
    private final Jsonb jsonb = JsonbBuilder.create();

    String write(Object payload, Type type) {
        try {
            return jsonb.toJson(payload, type);
        } catch (JsonbException e) {
            throw new IllegalArgumentException(
                    "A payload of " + payload.getClass().getName() + " cannot be written as JSON: " + e.getMessage(),
                    e);
        }
    }
}
