package io.millrace.protocol.wire;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One line of a {@link Schema}. */
public record Field(String name, Spec<?> spec) {
    public boolean isIn(int version) {
        return spec.since() <= version && version <= spec.until();
    }

    public boolean isTagged() {
        return spec.tag() >= 0;
    }

    /** The number by which a tagged field is known; -1 for an ordinary field. */
    public int tag() {
        return spec.tag();
    }

    /** The layout of the structure that this field is, or is a list of. */
    public Optional<Schema<?>> nested() {
        return Optional.ofNullable(spec.type().nested());
    }

    Type<?> type() {
        return spec.type();
    }

    @Nullable
    Object absent() {
        return spec.absent();
    }
}
