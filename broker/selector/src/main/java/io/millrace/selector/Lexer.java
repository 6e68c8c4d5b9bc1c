package io.millrace.selector;

import java.util.Locale;
import java.util.Set;

/** Splits the text of a selector into words. Used by one parser. */
final class Lexer {
    /** Longer than any keyword. */
    private static final int KEYWORD_CHARS_MAX = 8;

    private static final Set<String> TWO_CHARACTER_SYMBOLS = Set.of("<>", "<=", ">=");
    private static final String ONE_CHARACTER_SYMBOLS = "=<>+-*/(),";

    private final String text;
    private int at;

    Lexer(String text) {
        this.text = text;
    }

    /** The next word; at the end one of type {@link Token.Type#END}, as often as asked. */
    Token next() throws InvalidSelectorSyntaxException {
        while (at < text.length() && isSpace(text.charAt(at))) {
            at++;
        }
        if (at == text.length()) {
            return new Token(Token.Type.END, "", at);
        }
        char first = text.charAt(at);
        if (first == '\'') {
            return string();
        }
        if (isDigit(first) || (first == '.' && at + 1 < text.length() && isDigit(text.charAt(at + 1)))) {
            return number();
        }
        if (Character.isJavaIdentifierStart(text.codePointAt(at))) {
            return word();
        }
        return symbol(first);
    }

    private static boolean isSpace(char character) {
        return character == ' ' || character == '\t' || character == '\f' || character == '\n' || character == '\r';
    }

    private static boolean isDigit(char character) {
        return character >= '0' && character <= '9';
    }

    private Token string() throws InvalidSelectorSyntaxException {
        int start = at++;
        StringBuilder value = new StringBuilder();
        while (true) {
            int quote = text.indexOf('\'', at);
            if (quote < 0) {
                throw new InvalidSelectorSyntaxException(
                        text,
                        start,
                        "the string that begins here has no end; it ends with ', and '' stands for a quote");
            }
            value.append(text, at, quote);
            at = quote + 1;
            if (at == text.length() || text.charAt(at) != '\'') {
                return new Token(Token.Type.STRING, value.toString(), start);
            }
            value.append('\'');
            at++;
        }
    }

    /** Everything that hangs together with the digits, so that a wrong number is told as one. */
    private Token number() {
        int start = at;
        boolean isHex = text.startsWith("0x", at) || text.startsWith("0X", at);
        char previous = 0;
        while (at < text.length()) {
            char character = text.charAt(at);
            boolean isSign = (character == '+' || character == '-') && isExponentMark(previous, isHex);
            if (!isSign && character != '.' && !Character.isJavaIdentifierPart(character)) {
                break;
            }
            previous = character;
            at++;
        }
        return new Token(Token.Type.NUMBER, text.substring(start, at), start);
    }

    private static boolean isExponentMark(char character, boolean isHex) {
        char lower = character == 'E' ? 'e' : character == 'P' ? 'p' : character;
        return lower == (isHex ? 'p' : 'e');
    }

    private Token word() {
        int start = at;
        while (at < text.length() && Character.isJavaIdentifierPart(text.codePointAt(at))) {
            at += Character.charCount(text.codePointAt(at));
        }
        String word = text.substring(start, at);
        if (word.length() < KEYWORD_CHARS_MAX && !PropertyNames.isIdentifier(word)) {
            return new Token(Token.Type.KEYWORD, word.toUpperCase(Locale.ROOT), start);
        }
        return new Token(Token.Type.IDENTIFIER, word, start);
    }

    private Token symbol(char first) throws InvalidSelectorSyntaxException {
        int start = at;
        String two = text.substring(at, Math.min(text.length(), at + 2));
        if (TWO_CHARACTER_SYMBOLS.contains(two)) {
            at += 2;
            return new Token(Token.Type.SYMBOL, two, start);
        }
        if (ONE_CHARACTER_SYMBOLS.indexOf(first) >= 0 && !two.equals("==")) {
            at++;
            return new Token(Token.Type.SYMBOL, String.valueOf(first), start);
        }
        throw new InvalidSelectorSyntaxException(text, start, unknown(first, two));
    }

    private static String unknown(char first, String two) {
        return switch (first) {
            case '"' -> "strings stand in single quotes: 'text'";
            case '!' -> "unequal is written <>, and negation NOT";
            case '=' -> "equal is written =";
            case '&' -> "write AND";
            case '|' -> "write OR";
            case '%' -> "there is no remainder; arithmetic has + - * /";
            default ->
                "'" + (two.isEmpty() ? "" : new String(Character.toChars(two.codePointAt(0))))
                        + "' has no meaning in a selector; expected are identifiers, 'strings', numbers, = <> < <= > >= + - * / ( )"
                        + " and words such as AND, OR, NOT, BETWEEN, IN, LIKE, IS NULL";
        };
    }
}
