package io.millrace.metadata;

/** A write was refused, without any effect, because a broker that it relies on has registered anew since. Decide again, knowing that. */
public final class SupersededRegistrationException extends MetadataException {
    private static final long serialVersionUID = 1L;

    public SupersededRegistrationException(String message) {
        super(message);
    }
}
