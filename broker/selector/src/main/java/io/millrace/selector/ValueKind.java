package io.millrace.selector;

/** What an expression's value is, as far as the text of the selector says. */
enum ValueKind {
    BOOLEAN("a condition"),
    NUMBER("a number"),
    STRING("a string"),
    /** An identifier's, which depends on the message. */
    ANY("an identifier");

    private final String words;

    ValueKind(String words) {
        this.words = words;
    }

    String words() {
        return words;
    }

    boolean canBe(ValueKind other) {
        return this == other || this == ANY;
    }
}
