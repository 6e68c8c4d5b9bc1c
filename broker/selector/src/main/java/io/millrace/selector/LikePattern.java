package io.millrace.selector;

import java.util.Arrays;

/**
 * The pattern of a {@code LIKE}: {@code _} is any one character, {@code %} any sequence of them, a character after the escape
 * character is itself.
 *
 * <p>Immutable. A match takes no longer than the product of both lengths, and no memory: of all {@code %} only the last one
 * passed can need another try.
 */
final class LikePattern {
    /** No code point is negative. */
    private static final int ANY_ONE = -1;

    private static final int ANY_SEQUENCE = -2;

    /** Code points, and the two marks. */
    private final int[] parts;

    private LikePattern(int[] parts) {
        this.parts = parts;
    }

    /**
     * The pattern that a text says.
     *
     * @param escape the escape character's code point, or a negative number
     * @throws IllegalArgumentException where the escape character stands before something that needs none
     */
    static LikePattern of(String text, int escape) {
        int[] codePoints = text.codePoints().toArray();
        int[] parts = new int[codePoints.length];
        int count = 0;
        for (int i = 0; i < codePoints.length; i++) {
            int part = codePoints[i];
            if (part == escape) {
                i++;
                part = escaped(codePoints, i, escape);
            } else if (part == '_') {
                part = ANY_ONE;
            } else if (part == '%') {
                part = ANY_SEQUENCE;
            }
            parts[count++] = part;
        }
        return new LikePattern(Arrays.copyOf(parts, count));
    }

    private static int escaped(int[] codePoints, int at, int escape) {
        int part = at < codePoints.length ? codePoints[at] : -1;
        if (part != '_' && part != '%' && part != escape) {
            throw new IllegalArgumentException("in a pattern the escape character " + Character.toString(escape)
                    + " stands before _, % or itself; here it stands before "
                    + (part < 0 ? "the end" : Character.toString(part)));
        }
        return part;
    }

    boolean matches(String text) {
        int part = 0;
        int at = 0;
        int partAfterSequence = -1;
        int sequenceEnd = 0;
        while (at < text.length()) {
            int codePoint = text.codePointAt(at);
            if (part < parts.length && parts[part] == ANY_SEQUENCE) {
                partAfterSequence = ++part;
                sequenceEnd = at;
            } else if (part < parts.length && (parts[part] == ANY_ONE || parts[part] == codePoint)) {
                part++;
                at += Character.charCount(codePoint);
            } else if (partAfterSequence >= 0) {
                // The last sequence takes one character more.
                sequenceEnd += Character.charCount(text.codePointAt(sequenceEnd));
                at = sequenceEnd;
                part = partAfterSequence;
            } else {
                return false;
            }
        }
        while (part < parts.length && parts[part] == ANY_SEQUENCE) {
            part++;
        }
        return part == parts.length;
    }
}
