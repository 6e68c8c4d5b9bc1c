package io.millrace.record;

/**
 * Bytes that claim to be record batches and are not, or that a producer may not send.
 *
 * <p>The reason carries the Kafka error code that an answer to the sender names.
 */
public final class InvalidRecordException extends Exception {

    private static final long serialVersionUID = 1L;

    private final Reason reason;

    public InvalidRecordException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    public InvalidRecordException(Reason reason, String message, Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }

    /** What is wrong, each with the code of the Kafka protocol for it. */
    public enum Reason {
        /** Sizes that do not fit or a checksum that does not match. */
        CORRUPT(2),
        /** Larger than the limit that the caller set, on the wire or unpacked. */
        TOO_LARGE(10),
        /** A time stamp outside of what the topic accepts. */
        INVALID_TIMESTAMP(32),
        /** A record format older or newer than version 2. */
        UNSUPPORTED_FORMAT(43),
        /** A compression codec that does not exist. */
        UNSUPPORTED_COMPRESSION(76),
        /** Well-formed bytes with contents that are not allowed. */
        INVALID(87);

        private final short errorCode;

        Reason(int errorCode) {
            this.errorCode = (short) errorCode;
        }

        /** The code of this error in the Kafka protocol. */
        public short errorCode() {
            return errorCode;
        }
    }
}
