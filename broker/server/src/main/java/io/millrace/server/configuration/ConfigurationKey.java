package io.millrace.server.configuration;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One setting of a broker: its name, how its text is read, its default and what it is for.
 *
 * @param defaultText as it would stand in a properties file; null where the operator must decide
 */
public record ConfigurationKey<T>(String name, ValueType<T> type, @Nullable String defaultText, String purpose) {

    /** Whether the value must not be seen. */
    public boolean isSensitive() {
        return type.kind() == ValueType.Kind.PASSWORD;
    }

    /** Reads the given text, or the default where there is none. */
    public T read(@Nullable String given) {
        String text = given == null ? defaultText : given.strip();
        if (text == null) {
            throw new ConfigurationException(name + " is missing; it must be " + type.legal() + " (" + purpose + ")");
        }
        Optional<T> value = type.parse(text);
        if (value.isEmpty()) {
            String shown = isSensitive() ? "[hidden]" : text;
            throw new ConfigurationException(name + "=" + shown + " is not valid; it must be " + type.legal());
        }
        return value.get();
    }
}
