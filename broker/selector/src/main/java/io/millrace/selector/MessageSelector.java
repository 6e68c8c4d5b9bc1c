package io.millrace.selector;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A message selector (Jakarta Messaging 3.1, chapter 3.8.1): a condition over properties and header fields.
 *
 * <p>Immutable; any number of threads may evaluate it. Evaluating takes no locks, keeps nothing and never throws: what has
 * no value is unknown, and an unknown condition does not match.
 */
public final class MessageSelector {
    /** Longer texts are refused; what one evaluation costs grows with the text. */
    public static final int TEXT_CHARS_MAX = 16_384;
    /** How deep parentheses, {@code NOT} and signs may nest, which bounds the stack. */
    public static final int NESTING_MAX = 200;

    /** No condition: all messages match. */
    public static final MessageSelector ALL =
            new MessageSelector("", new Expression.Literal(true, ValueKind.BOOLEAN), Set.of());

    private final String text;
    private final Expression condition;
    private final Set<String> identifiers;

    private MessageSelector(String text, Expression condition, Set<String> identifiers) {
        this.text = text;
        this.condition = condition;
        this.identifiers = identifiers;
    }

    /**
     * The selector that a text says. Null and a text of white space say none: all messages match.
     *
     * @throws InvalidSelectorSyntaxException where the text is no selector, is longer than {@link #TEXT_CHARS_MAX} or nests
     *     deeper than {@link #NESTING_MAX}
     */
    public static MessageSelector parse(@Nullable String text) throws InvalidSelectorSyntaxException {
        if (text == null || text.isBlank()) {
            return ALL;
        }
        if (text.length() > TEXT_CHARS_MAX) {
            throw new InvalidSelectorSyntaxException(
                    text,
                    TEXT_CHARS_MAX,
                    "it has " + text.length() + " characters; at most " + TEXT_CHARS_MAX + " are possible");
        }
        SelectorParser parser = new SelectorParser(text);
        Expression condition = parser.parse();
        return new MessageSelector(text, condition, parser.identifiers());
    }

    /** Whether the condition is true; not where it is false or unknown. */
    public boolean matches(MessageView message) {
        return Boolean.TRUE.equals(condition.evaluate(message));
    }

    /** Whether there is no condition, so that a message need not be looked at. */
    public boolean isAll() {
        return text.isEmpty();
    }

    /** The properties and header fields that the selector names. */
    public Set<String> identifiers() {
        return identifiers;
    }

    /** The text as it was given; empty where there is no condition. */
    public String text() {
        return text;
    }

    /** Equal texts make equal selectors. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof MessageSelector selector && text.equals(selector.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
