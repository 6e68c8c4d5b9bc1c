package io.millrace.cli;

/** A command cannot do what it was asked; the message is all that the user needs. */
final class CommandFailedException extends RuntimeException {
    CommandFailedException(String message) {
        super(message);
    }

    CommandFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
