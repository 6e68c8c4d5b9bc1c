package io.millrace.server.administration;

import org.jspecify.annotations.Nullable;

/** A wish to change one setting of a topic, a broker, or all brokers. */
record SettingWish(String name, Operation operation, @Nullable String value) {

    /** What may be done to a setting (KIP-339). */
    enum Operation {
        SET,
        DELETE,
        APPEND,
        SUBTRACT,
        /** Any other number. */
        UNKNOWN;

        static Operation of(byte code) {
            return switch (code) {
                case 0 -> SET;
                case 1 -> DELETE;
                case 2 -> APPEND;
                case 3 -> SUBTRACT;
                default -> UNKNOWN;
            };
        }
    }

    boolean isDeletion() {
        return operation == Operation.DELETE;
    }
}
