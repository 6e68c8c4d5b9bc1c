package io.millrace.record;

import java.util.Locale;

/** How far a broker looks into the batches of its producers: the values of {@code record.validation}. */
public enum RecordValidation {
    /** Headers and checksums only: damage inside of a batch is found by its consumers. */
    HEADER,
    /** Headers, and each record of a batch that needs no unpacking. */
    UNCOMPRESSED,
    /** Each record of each batch. */
    FULL;

    public static RecordValidation ofName(String name) {
        for (RecordValidation validation : values()) {
            if (validation.name().toLowerCase(Locale.ROOT).equals(name)) {
                return validation;
            }
        }
        throw new IllegalArgumentException(
                "record.validation is \"" + name + "\"; it must be header, uncompressed or full");
    }
}
