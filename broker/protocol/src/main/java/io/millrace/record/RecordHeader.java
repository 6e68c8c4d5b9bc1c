package io.millrace.record;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One header of a record: a name that need not be unique and a value that may be missing.
 *
 * <p>The array is handed over, not copied: nobody changes it afterwards.
 */
@SuppressWarnings("ArrayRecordComponent") // equals and hashCode below look at the contents
public record RecordHeader(String key, byte @Nullable [] value) {

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RecordHeader header && key.equals(header.key) && Arrays.equals(value, header.value);
    }

    @Override
    public int hashCode() {
        return Objects.hash(key, Arrays.hashCode(value));
    }

    @Override
    public String toString() {
        return key + "=" + (value == null ? "null" : value.length + " bytes");
    }
}
