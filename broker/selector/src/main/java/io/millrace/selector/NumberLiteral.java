package io.millrace.selector;

import java.util.Locale;
import java.util.Optional;

/**
 * Numbers as Java writes them: exact ones decimal, hexadecimal, octal or binary, approximate ones decimal or hexadecimal
 * with an exponent.
 *
 * <p>An exact number is an {@code Integer} where it fits and has no {@code L}, else a {@code Long}: unlike in Java no
 * {@code L} is needed, as the specification has it. An approximate one is a {@code Double}, with an {@code F} a {@code Float}.
 */
final class NumberLiteral {
    private NumberLiteral() {}

    /**
     * The number that a text without a sign says; empty where it says none or one that is out of range.
     *
     * @param isNegative whether a minus stands before it; so the least long can be written
     */
    static Optional<Number> parse(String text, boolean isNegative) {
        String lower = text.toLowerCase(Locale.ROOT);
        int radix = lower.startsWith("0x") ? 16 : lower.startsWith("0b") ? 2 : 10;
        if (!areUnderscoresBetweenDigits(lower, radix)) {
            return Optional.empty();
        }
        String plain = lower.replace("_", "");
        try {
            if (isApproximate(plain, radix)) {
                return approximate(plain, isNegative);
            }
            return Optional.of(exact(plain, radix, isNegative));
        } catch (NumberFormatException ignored) {
            // The caller says where it stands and what a number is.
            return Optional.empty();
        }
    }

    private static boolean areUnderscoresBetweenDigits(String text, int radix) {
        for (int at = text.indexOf('_'); at >= 0; at = text.indexOf('_', at + 1)) {
            if (at + 1 == text.length() || !isDigitOrUnderscore(text.charAt(at - 1), radix)) {
                return false;
            }
            if (!isDigitOrUnderscore(text.charAt(at + 1), radix)) {
                return false;
            }
        }
        return true;
    }

    private static boolean isDigitOrUnderscore(char character, int radix) {
        return character == '_' || Character.digit(character, radix) >= 0;
    }

    private static boolean isApproximate(String text, int radix) {
        if (text.indexOf('.') >= 0) {
            return true;
        }
        char last = text.charAt(text.length() - 1);
        return switch (radix) {
            case 16 -> text.indexOf('p') >= 0;
            case 2 -> false;
            default -> text.indexOf('e') >= 0 || last == 'f' || last == 'd';
        };
    }

    private static Optional<Number> approximate(String text, boolean isNegative) {
        String signed = isNegative ? "-" + text : text;
        Number value;
        boolean isInRange;
        if (text.endsWith("f")) {
            float number = Float.parseFloat(signed);
            value = number;
            isInRange = !Float.isInfinite(number) && (number != 0 || isZero(text));
        } else {
            double number = Double.parseDouble(signed);
            value = number;
            isInRange = !Double.isInfinite(number) && (number != 0 || isZero(text));
        }
        return isInRange ? Optional.of(value) : Optional.empty();
    }

    /** Whether the text says zero, and not something that is too small. */
    private static boolean isZero(String text) {
        boolean isHex = text.startsWith("0x");
        for (int i = isHex ? 2 : 0; i < text.length(); i++) {
            char character = text.charAt(i);
            if (character == (isHex ? 'p' : 'e')) {
                return true;
            }
            if (character != '.' && Character.digit(character, isHex ? 16 : 10) > 0) {
                return false;
            }
        }
        return true;
    }

    private static Number exact(String text, int radix, boolean isNegative) {
        boolean isLong = text.endsWith("l");
        String digits = isLong ? text.substring(0, text.length() - 1) : text;
        boolean isOctal = radix == 10 && digits.length() > 1 && digits.startsWith("0");
        long value;
        if (isOctal || radix != 10) {
            String significant = digits.substring(isOctal ? 1 : 2);
            requireDigitFirst(significant);
            long bits = Long.parseUnsignedLong(significant, isOctal ? 8 : radix);
            value = isNegative ? -bits : bits;
        } else {
            requireDigitFirst(digits);
            value = Long.parseLong(isNegative ? "-" + digits : digits);
        }
        return isLong || value != (int) value ? (Number) Long.valueOf(value) : Integer.valueOf((int) value);
    }

    private static void requireDigitFirst(String digits) {
        if (digits.startsWith("+") || digits.startsWith("-")) {
            throw new NumberFormatException("A sign inside");
        }
    }
}
