package io.millrace.replication;

import io.millrace.protocol.ErrorCode;
import io.millrace.record.InvalidRecordException;

/** Which code an answer names for what went wrong. */
final class ErrorCodes {
    private ErrorCodes() {}

    static ErrorCode of(InvalidRecordException refused) {
        return switch (refused.reason()) {
            case CORRUPT -> ErrorCode.CORRUPT_MESSAGE;
            case TOO_LARGE -> ErrorCode.MESSAGE_TOO_LARGE;
            case INVALID_TIMESTAMP -> ErrorCode.INVALID_TIMESTAMP;
            case UNSUPPORTED_FORMAT -> ErrorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT;
            case UNSUPPORTED_COMPRESSION -> ErrorCode.UNSUPPORTED_COMPRESSION_TYPE;
            case INVALID -> ErrorCode.INVALID_RECORD;
        };
    }
}
