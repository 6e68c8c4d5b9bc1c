package io.millrace.metadata;

import org.jspecify.annotations.Nullable;

/** The metadata store refused or could not be reached; the message says which, and for what. */
public class MetadataException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public MetadataException(String message) {
        super(message);
    }

    public MetadataException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
