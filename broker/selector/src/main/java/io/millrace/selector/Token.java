package io.millrace.selector;

/**
 * A word of a selector.
 *
 * @param text as it stands in the selector; of a string what it says; of a keyword in capitals
 * @param position of its first character
 */
record Token(Type type, String text, int position) {
    enum Type {
        IDENTIFIER,
        KEYWORD,
        STRING,
        NUMBER,
        SYMBOL,
        END
    }

    boolean is(Type wantedType, String wantedText) {
        return type == wantedType && text.equals(wantedText);
    }

    boolean isKeyword(String word) {
        return is(Type.KEYWORD, word);
    }

    boolean isSymbol(String symbol) {
        return is(Type.SYMBOL, symbol);
    }

    /** For a message. */
    String words() {
        return switch (type) {
            case STRING -> "the string '" + shortened() + "'";
            case IDENTIFIER -> "the identifier " + shortened();
            case NUMBER -> "the number " + shortened();
            case KEYWORD, SYMBOL -> text;
            case END -> "the end";
        };
    }

    private String shortened() {
        int charsMax = 40;
        return text.length() <= charsMax ? text : text.substring(0, charsMax) + "…";
    }
}
