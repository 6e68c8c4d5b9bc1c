package io.millrace.selector;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A part of a selector that has a value for every message.
 *
 * <p>Immutable. Values are strings, booleans and numbers; null is both the value that is missing and the condition that is
 * unknown, which the specification's tables treat alike.
 */
sealed interface Expression {
    @Nullable
    Object evaluate(MessageView message);

    ValueKind kind();

    private static @Nullable Boolean condition(Expression operand, MessageView message) {
        // An identifier that stands for a condition may have any value; one that is no boolean says nothing.
        return operand.evaluate(message) instanceof Boolean value ? value : null;
    }

    record Literal(Object value, ValueKind kind) implements Expression {
        @Override
        public Object evaluate(MessageView message) {
            return value;
        }
    }

    record Identifier(String name) implements Expression {
        @Override
        public @Nullable Object evaluate(MessageView message) {
            return message.value(name);
        }

        @Override
        public ValueKind kind() {
            return ValueKind.ANY;
        }
    }

    /** A part whose value is true, false or unknown. */
    sealed interface Condition extends Expression {
        @Override
        @Nullable
        Boolean evaluate(MessageView message);

        @Override
        default ValueKind kind() {
            return ValueKind.BOOLEAN;
        }
    }

    record Not(Expression operand) implements Condition {
        @Override
        public @Nullable Boolean evaluate(MessageView message) {
            Boolean value = condition(operand, message);
            return value == null ? null : (Boolean) !value;
        }
    }

    /** False where one operand is, else unknown where one is. As many operands as there are, lest long chains nest. */
    record And(List<Expression> operands) implements Condition {
        @Override
        public @Nullable Boolean evaluate(MessageView message) {
            return firstOf(false, operands, message);
        }
    }

    /** True where one operand is, else unknown where one is. */
    record Or(List<Expression> operands) implements Condition {
        @Override
        public @Nullable Boolean evaluate(MessageView message) {
            return firstOf(true, operands, message);
        }
    }

    private static @Nullable Boolean firstOf(boolean deciding, List<Expression> operands, MessageView message) {
        boolean isUnknown = false;
        for (int i = 0; i < operands.size(); i++) {
            Boolean value = condition(operands.get(i), message);
            if (value == null) {
                isUnknown = true;
            } else if (value == deciding) {
                return deciding;
            }
        }
        return isUnknown ? null : (Boolean) !deciding;
    }

    record Compare(Comparison comparison, Expression left, Expression right) implements Condition {
        @Override
        public @Nullable Boolean evaluate(MessageView message) {
            Object leftValue = left.evaluate(message);
            return leftValue == null ? null : comparison.apply(leftValue, right.evaluate(message));
        }
    }

    /** {@code value >= low AND value <= high}; negated {@code value < low OR value > high}, which differs for strings. */
    record Between(Expression value, Expression low, Expression high, boolean isNegated) implements Condition {
        @Override
        public @Nullable Boolean evaluate(MessageView message) {
            Object operand = value.evaluate(message);
            if (operand == null) {
                return null;
            }
            Boolean first =
                    (isNegated ? Comparison.LESS : Comparison.GREATER_OR_EQUAL).apply(operand, low.evaluate(message));
            if (first != null && first == isNegated) {
                return first;
            }
            Boolean second =
                    (isNegated ? Comparison.GREATER : Comparison.LESS_OR_EQUAL).apply(operand, high.evaluate(message));
            if (second != null && second == isNegated) {
                return second;
            }
            boolean isUnknown = first == null || second == null;
            return isUnknown ? null : (Boolean) !isNegated;
        }
    }

    record In(Identifier identifier, Set<String> strings) implements Condition {
        @Override
        public @Nullable Boolean evaluate(MessageView message) {
            Object value = identifier.evaluate(message);
            return value == null ? null : (Boolean) (value instanceof String text && strings.contains(text));
        }
    }

    record Like(Identifier identifier, LikePattern pattern) implements Condition {
        @Override
        public @Nullable Boolean evaluate(MessageView message) {
            Object value = identifier.evaluate(message);
            return value == null ? null : (Boolean) (value instanceof String text && pattern.matches(text));
        }
    }

    record IsNull(Identifier identifier, boolean isNegated) implements Condition {
        @Override
        public Boolean evaluate(MessageView message) {
            return (identifier.evaluate(message) == null) != isNegated;
        }
    }

    record Sign(boolean isMinus, Expression operand) implements Expression {
        @Override
        public @Nullable Object evaluate(MessageView message) {
            return operand.evaluate(message) instanceof Number number ? Arithmetic.signed(number, isMinus) : null;
        }

        @Override
        public ValueKind kind() {
            return ValueKind.NUMBER;
        }
    }

    /**
     * A chain of operators of one precedence, from the left to the right.
     *
     * @param operators one between every two operands
     */
    record Calculation(List<Arithmetic> operators, List<Expression> operands) implements Expression {
        @Override
        public @Nullable Object evaluate(MessageView message) {
            Object value = operands.get(0).evaluate(message);
            for (int i = 0; i < operators.size() && value instanceof Number left; i++) {
                Object right = operands.get(i + 1).evaluate(message);
                value = right instanceof Number number ? operators.get(i).apply(left, number) : null;
            }
            return value instanceof Number ? value : null;
        }

        @Override
        public ValueKind kind() {
            return ValueKind.NUMBER;
        }
    }
}
