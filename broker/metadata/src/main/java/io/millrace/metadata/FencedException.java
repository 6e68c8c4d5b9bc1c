package io.millrace.metadata;

/** Another controller has taken over, or the writer's picture is stale: it must resign and, if elected again, reload. */
public final class FencedException extends MetadataException {
    private static final long serialVersionUID = 1L;

    public FencedException(String message) {
        super(message);
    }
}
