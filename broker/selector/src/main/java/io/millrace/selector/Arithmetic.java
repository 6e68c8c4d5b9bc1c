package io.millrace.selector;

import org.jspecify.annotations.Nullable;

/**
 * The operators on two numbers, with the types and the overflows that Java's have.
 *
 * <p>Dividing an exact number by an exact zero has no value.
 */
enum Arithmetic {
    ADD,
    SUBTRACT,
    MULTIPLY,
    DIVIDE;

    @Nullable
    Number apply(Number left, Number right) {
        if (isDouble(left, right)) {
            return ofDoubles(left.doubleValue(), right.doubleValue());
        }
        if (isFloat(left, right)) {
            return ofFloats(left.floatValue(), right.floatValue());
        }
        if (this == DIVIDE && right.longValue() == 0) {
            return null;
        }
        // Computed with 64 bits and cut off, an int's result is what 32 bits give.
        long exact = ofLongs(left.longValue(), right.longValue());
        return isLong(left, right) ? (Number) Long.valueOf(exact) : Integer.valueOf((int) exact);
    }

    private double ofDoubles(double left, double right) {
        return switch (this) {
            case ADD -> left + right;
            case SUBTRACT -> left - right;
            case MULTIPLY -> left * right;
            case DIVIDE -> left / right;
        };
    }

    private float ofFloats(float left, float right) {
        return switch (this) {
            case ADD -> left + right;
            case SUBTRACT -> left - right;
            case MULTIPLY -> left * right;
            case DIVIDE -> left / right;
        };
    }

    private long ofLongs(long left, long right) {
        return switch (this) {
            case ADD -> left + right;
            case SUBTRACT -> left - right;
            case MULTIPLY -> left * right;
            case DIVIDE -> left / right;
        };
    }

    /** The number with a sign before it. */
    static Number signed(Number number, boolean isMinus) {
        if (number instanceof Double value) {
            return isMinus ? -value : value;
        }
        if (number instanceof Float value) {
            return isMinus ? -value : value;
        }
        if (number instanceof Long value) {
            return isMinus ? -value : value;
        }
        return isMinus ? -number.intValue() : number.intValue();
    }

    /** Whether Java promotes the two to double; else it may be float, else long, else int. */
    static boolean isDouble(Number left, Number right) {
        return left instanceof Double || right instanceof Double;
    }

    static boolean isFloat(Number left, Number right) {
        return left instanceof Float || right instanceof Float;
    }

    private static boolean isLong(Number left, Number right) {
        return left instanceof Long || right instanceof Long;
    }
}
