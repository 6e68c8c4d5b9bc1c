package io.millrace.selector;

import org.jspecify.annotations.Nullable;

/** The operators that compare two values. Only like values are; strings and booleans are equal or not, but never greater. */
enum Comparison {
    EQUAL("="),
    UNEQUAL("<>"),
    LESS("<"),
    LESS_OR_EQUAL("<="),
    GREATER(">"),
    GREATER_OR_EQUAL(">=");

    private final String symbol;

    Comparison(String symbol) {
        this.symbol = symbol;
    }

    /** The operator that is written so, or null. */
    static @Nullable Comparison of(Token token) {
        for (Comparison comparison : values()) {
            if (token.isSymbol(comparison.symbol)) {
                return comparison;
            }
        }
        return null;
    }

    String symbol() {
        return symbol;
    }

    boolean isOrder() {
        return this != EQUAL && this != UNEQUAL;
    }

    /** Unknown where a value is missing, false where the two are of different types. */
    @Nullable
    Boolean apply(Object left, @Nullable Object right) {
        if (right == null) {
            return null;
        }
        if (left instanceof Number leftNumber && right instanceof Number rightNumber) {
            return ofNumbers(leftNumber, rightNumber);
        }
        if (isOrder() || left.getClass() != right.getClass()) {
            return false;
        }
        return left.equals(right) == (this == EQUAL);
    }

    private boolean ofNumbers(Number left, Number right) {
        if (Arithmetic.isDouble(left, right)) {
            return ofDoubles(left.doubleValue(), right.doubleValue());
        }
        if (Arithmetic.isFloat(left, right)) {
            // Every float is a double, and in the same order.
            return ofDoubles(left.floatValue(), right.floatValue());
        }
        int order = Long.compare(left.longValue(), right.longValue());
        return switch (this) {
            case EQUAL -> order == 0;
            case UNEQUAL -> order != 0;
            case LESS -> order < 0;
            case LESS_OR_EQUAL -> order <= 0;
            case GREATER -> order > 0;
            case GREATER_OR_EQUAL -> order >= 0;
        };
    }

    /** As Java's operators do: zeros are equal, and what is no number is unequal to everything. */
    private boolean ofDoubles(double left, double right) {
        return switch (this) {
            case EQUAL -> left == right;
            case UNEQUAL -> left != right;
            case LESS -> left < right;
            case LESS_OR_EQUAL -> left <= right;
            case GREATER -> left > right;
            case GREATER_OR_EQUAL -> left >= right;
        };
    }
}
