package io.millrace.protocol.wire;

import org.jspecify.annotations.Nullable;

/**
 * When a field of some type is present, and what it is where it is absent. A tag of -1 marks an ordinary field.
 *
 * @param mandatory whether a value other than {@code absent} may not be dropped silently by a version without the field
 * @param nullStandIn what is sent instead of null by the versions that have the field but no null in it
 */
public record Spec<V>(
        Type<V> type,
        int since,
        int until,
        int tag,
        @Nullable V absent,
        boolean mandatory,
        int nullableSince,
        @Nullable V nullStandIn) {
    static <V> Spec<V> always(Type<V> type) {
        return new Spec<>(type, 0, Integer.MAX_VALUE, -1, type.absent(), false, 0, null);
    }

    public Spec<V> since(int version) {
        return new Spec<>(type, version, until, tag, absent, mandatory, nullableSince, nullStandIn);
    }

    public Spec<V> until(int version) {
        return new Spec<>(type, since, version, tag, absent, mandatory, nullableSince, nullStandIn);
    }

    public Spec<V> tag(int newTag) {
        return new Spec<>(type, since, until, newTag, absent, mandatory, nullableSince, nullStandIn);
    }

    public Spec<V> orElse(@Nullable V value) {
        return new Spec<>(type, since, until, tag, value, mandatory, nullableSince, nullStandIn);
    }

    /** Writing a set value in a version that lacks the field is a mistake of ours, an IllegalStateException. */
    public Spec<V> required() {
        return new Spec<>(type, since, until, tag, absent, true, nullableSince, nullStandIn);
    }

    /** Before that version a null is sent as {@code standIn}. */
    public Spec<V> nullableSince(int version, V standIn) {
        return new Spec<>(type, since, until, tag, absent, mandatory, version, standIn);
    }
}
