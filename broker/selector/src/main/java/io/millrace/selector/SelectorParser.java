package io.millrace.selector;

import io.millrace.selector.Expression.Identifier;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads one selector, by descent: one method per precedence.
 *
 * <pre>
 *  condition  := conjunct { OR conjunct }
 *  conjunct   := negation { AND negation }
 *  negation   := NOT negation | predicate
 *  predicate  := sum [ comparison sum | [NOT] BETWEEN sum AND sum
 *                    | [NOT] IN ( string {, string} ) | [NOT] LIKE string [ESCAPE string] | IS [NOT] NULL ]
 *  sum        := product { (+|-) product }
 *  product    := factor { (*|/) factor }
 *  factor     := (+|-) factor | literal | identifier | ( condition )
 * </pre>
 */
final class SelectorParser {
    private static final Set<String> HEADER_FIELDS = Set.of(
            ReservedHeaders.DELIVERY_MODE,
            ReservedHeaders.PRIORITY,
            ReservedHeaders.MESSAGE_ID,
            ReservedHeaders.TIMESTAMP,
            ReservedHeaders.CORRELATION_ID,
            ReservedHeaders.TYPE);

    private final String text;
    private final Lexer lexer;
    private final Set<String> identifiers = new LinkedHashSet<>();
    private Token next;
    private int depth;

    SelectorParser(String text) throws InvalidSelectorSyntaxException {
        this.text = text;
        this.lexer = new Lexer(text);
        this.next = lexer.next();
    }

    /** What the whole text says. */
    Expression parse() throws InvalidSelectorSyntaxException {
        Expression condition = requireKind(condition(), ValueKind.BOOLEAN, 0, "a selector must be");
        if (next.type() != Token.Type.END) {
            throw unexpected(next, "AND, OR, a comparison or the end");
        }
        return condition;
    }

    Set<String> identifiers() {
        return Set.copyOf(identifiers);
    }

    private Expression condition() throws InvalidSelectorSyntaxException {
        int start = next.position();
        Expression first = conjunct();
        if (!next.isKeyword("OR")) {
            return first;
        }
        List<Expression> operands = new ArrayList<>();
        operands.add(requireKind(first, ValueKind.BOOLEAN, start, "OR needs"));
        while (next.isKeyword("OR")) {
            advance();
            start = next.position();
            operands.add(requireKind(conjunct(), ValueKind.BOOLEAN, start, "OR needs"));
        }
        return new Expression.Or(List.copyOf(operands));
    }

    private Expression conjunct() throws InvalidSelectorSyntaxException {
        int start = next.position();
        Expression first = negation();
        if (!next.isKeyword("AND")) {
            return first;
        }
        List<Expression> operands = new ArrayList<>();
        operands.add(requireKind(first, ValueKind.BOOLEAN, start, "AND needs"));
        while (next.isKeyword("AND")) {
            advance();
            start = next.position();
            operands.add(requireKind(negation(), ValueKind.BOOLEAN, start, "AND needs"));
        }
        return new Expression.And(List.copyOf(operands));
    }

    private Expression negation() throws InvalidSelectorSyntaxException {
        if (!next.isKeyword("NOT")) {
            return predicate();
        }
        descend();
        advance();
        int start = next.position();
        Expression operand = requireKind(negation(), ValueKind.BOOLEAN, start, "NOT needs");
        depth--;
        return new Expression.Not(operand);
    }

    private Expression predicate() throws InvalidSelectorSyntaxException {
        int start = next.position();
        Expression left = sum();
        Comparison comparison = Comparison.of(next);
        if (comparison != null) {
            return comparison(left, start, comparison);
        }
        if (next.isKeyword("IS")) {
            return isNull(left, start);
        }
        boolean isNegated = next.isKeyword("NOT");
        if (isNegated) {
            advance();
        }
        if (next.isKeyword("BETWEEN")) {
            return between(left, start, isNegated);
        }
        if (next.isKeyword("IN")) {
            return negatedIf(isNegated, in(requireIdentifier(left, start, "IN")));
        }
        if (next.isKeyword("LIKE")) {
            return negatedIf(isNegated, like(requireIdentifier(left, start, "LIKE")));
        }
        if (isNegated) {
            throw unexpected(next, "BETWEEN, IN or LIKE after NOT");
        }
        return left;
    }

    private static Expression negatedIf(boolean isNegated, Expression condition) {
        return isNegated ? new Expression.Not(condition) : condition;
    }

    private Expression comparison(Expression left, int start, Comparison comparison)
            throws InvalidSelectorSyntaxException {
        advance();
        int rightStart = next.position();
        Expression right = sum();
        if (comparison.isOrder()) {
            requireKind(left, ValueKind.NUMBER, start, comparison.symbol() + " needs");
            requireKind(right, ValueKind.NUMBER, rightStart, comparison.symbol() + " needs");
        }
        return new Expression.Compare(comparison, left, right);
    }

    private Expression isNull(Expression left, int start) throws InvalidSelectorSyntaxException {
        Identifier identifier = requireIdentifier(left, start, "IS");
        advance();
        boolean isNegated = next.isKeyword("NOT");
        if (isNegated) {
            advance();
        }
        requireKeyword("NULL", "NULL or NOT NULL after IS");
        return new Expression.IsNull(identifier, isNegated);
    }

    private Expression between(Expression value, int start, boolean isNegated) throws InvalidSelectorSyntaxException {
        requireKind(value, ValueKind.NUMBER, start, "BETWEEN needs");
        advance();
        int lowStart = next.position();
        Expression low = requireKind(sum(), ValueKind.NUMBER, lowStart, "BETWEEN needs");
        requireKeyword("AND", "AND and the upper bound of BETWEEN");
        int highStart = next.position();
        Expression high = requireKind(sum(), ValueKind.NUMBER, highStart, "BETWEEN needs");
        return new Expression.Between(value, low, high, isNegated);
    }

    private Expression in(Identifier identifier) throws InvalidSelectorSyntaxException {
        advance();
        requireSymbol("(", "( and the strings of IN");
        Set<String> strings = new LinkedHashSet<>();
        strings.add(requireString("a string in the list of IN").text());
        while (next.isSymbol(",")) {
            advance();
            strings.add(requireString("a string in the list of IN").text());
        }
        requireSymbol(")", "a comma or ) in the list of IN");
        return new Expression.In(identifier, Set.copyOf(strings));
    }

    private Expression like(Identifier identifier) throws InvalidSelectorSyntaxException {
        advance();
        Token pattern = requireString("a pattern in quotes after LIKE");
        int escape = -1;
        if (next.isKeyword("ESCAPE")) {
            advance();
            Token character = requireString("one character in quotes after ESCAPE");
            if (character.text().codePointCount(0, character.text().length()) != 1) {
                throw unexpected(character, "one character in quotes after ESCAPE");
            }
            escape = character.text().codePointAt(0);
        }
        try {
            return new Expression.Like(identifier, LikePattern.of(pattern.text(), escape));
        } catch (IllegalArgumentException e) {
            throw new InvalidSelectorSyntaxException(text, pattern.position(), String.valueOf(e.getMessage()));
        }
    }

    private Expression sum() throws InvalidSelectorSyntaxException {
        int start = next.position();
        Expression first = product();
        Arithmetic operator = sumOperator();
        if (operator == null) {
            return first;
        }
        List<Arithmetic> operators = new ArrayList<>();
        List<Expression> operands = new ArrayList<>();
        operands.add(requireKind(first, ValueKind.NUMBER, start, next.text() + " needs"));
        while (operator != null) {
            operators.add(operator);
            advance();
            start = next.position();
            operands.add(requireKind(product(), ValueKind.NUMBER, start, "arithmetic needs"));
            operator = sumOperator();
        }
        return new Expression.Calculation(List.copyOf(operators), List.copyOf(operands));
    }

    private @Nullable Arithmetic sumOperator() {
        return next.isSymbol("+") ? Arithmetic.ADD : next.isSymbol("-") ? Arithmetic.SUBTRACT : null;
    }

    private Expression product() throws InvalidSelectorSyntaxException {
        int start = next.position();
        Expression first = factor();
        Arithmetic operator = productOperator();
        if (operator == null) {
            return first;
        }
        List<Arithmetic> operators = new ArrayList<>();
        List<Expression> operands = new ArrayList<>();
        operands.add(requireKind(first, ValueKind.NUMBER, start, next.text() + " needs"));
        while (operator != null) {
            operators.add(operator);
            advance();
            start = next.position();
            operands.add(requireKind(factor(), ValueKind.NUMBER, start, "arithmetic needs"));
            operator = productOperator();
        }
        return new Expression.Calculation(List.copyOf(operators), List.copyOf(operands));
    }

    private @Nullable Arithmetic productOperator() {
        return next.isSymbol("*") ? Arithmetic.MULTIPLY : next.isSymbol("/") ? Arithmetic.DIVIDE : null;
    }

    private Expression factor() throws InvalidSelectorSyntaxException {
        Token token = next;
        if (token.isSymbol("+") || token.isSymbol("-")) {
            return signed(token.isSymbol("-"));
        }
        if (token.isSymbol("(")) {
            return bracketed();
        }
        if (token.isKeyword("NULL")) {
            throw unexpected(token, "an identifier, a string, a number, TRUE or FALSE; NULL stands after IS only");
        }
        Expression operand =
                switch (token.type()) {
                    case STRING -> new Expression.Literal(token.text(), ValueKind.STRING);
                    case NUMBER -> number(token, false);
                    case IDENTIFIER -> identifier(token);
                    case KEYWORD -> truth(token);
                    case SYMBOL, END ->
                        throw unexpected(token, "an identifier, a string, a number, TRUE, FALSE, NOT or (");
                };
        advance();
        return operand;
    }

    private Expression signed(boolean isMinus) throws InvalidSelectorSyntaxException {
        descend();
        advance();
        int start = next.position();
        Expression operand;
        if (next.type() == Token.Type.NUMBER) {
            operand = number(next, isMinus);
            advance();
        } else {
            operand = new Expression.Sign(isMinus, requireKind(factor(), ValueKind.NUMBER, start, "a sign needs"));
        }
        depth--;
        return operand;
    }

    private Expression bracketed() throws InvalidSelectorSyntaxException {
        descend();
        advance();
        Expression inside = condition();
        requireSymbol(")", ")");
        depth--;
        return inside;
    }

    private Expression number(Token token, boolean isNegative) throws InvalidSelectorSyntaxException {
        Number value = NumberLiteral.parse(token.text(), isNegative).orElse(null);
        if (value == null) {
            throw new InvalidSelectorSyntaxException(
                    text,
                    token.position(),
                    "this is no number that Java has as a long or a double, such as 57, 0x1F, 6.2 or 7E3");
        }
        return new Expression.Literal(value, ValueKind.NUMBER);
    }

    private Expression truth(Token token) throws InvalidSelectorSyntaxException {
        if (!token.isKeyword("TRUE") && !token.isKeyword("FALSE")) {
            throw unexpected(token, "an identifier, a string, a number, TRUE, FALSE, NOT or (");
        }
        return new Expression.Literal(token.isKeyword("TRUE"), ValueKind.BOOLEAN);
    }

    private Expression identifier(Token token) throws InvalidSelectorSyntaxException {
        String name = token.text();
        boolean isProperty = !name.startsWith("JMS") || name.startsWith("JMSX") || name.startsWith("JMS_");
        if (!isProperty && !HEADER_FIELDS.contains(name)) {
            throw unexpected(
                    token,
                    "of the names that begin with JMS one of JMSDeliveryMode, JMSPriority, JMSMessageID, JMSTimestamp, "
                            + "JMSCorrelationID, JMSType, or a property JMSX... or JMS_...");
        }
        identifiers.add(name);
        return new Identifier(name);
    }

    private Identifier requireIdentifier(Expression expression, int start, String word)
            throws InvalidSelectorSyntaxException {
        if (expression instanceof Identifier identifier) {
            return identifier;
        }
        throw new InvalidSelectorSyntaxException(
                text, start, word + " needs an identifier before it; here stands " + words(expression));
    }

    private Expression requireKind(Expression expression, ValueKind kind, int start, String role)
            throws InvalidSelectorSyntaxException {
        if (expression.kind().canBe(kind)) {
            return expression;
        }
        throw new InvalidSelectorSyntaxException(
                text, start, role + " " + kind.words() + "; here stands " + words(expression));
    }

    private static String words(Expression expression) {
        return expression instanceof Expression.Literal literal && literal.kind() == ValueKind.BOOLEAN
                ? literal.value().toString().toUpperCase(Locale.ROOT)
                : expression.kind().words();
    }

    private Token requireString(String expected) throws InvalidSelectorSyntaxException {
        Token token = next;
        if (token.type() != Token.Type.STRING) {
            throw unexpected(token, expected);
        }
        advance();
        return token;
    }

    private void requireKeyword(String word, String expected) throws InvalidSelectorSyntaxException {
        if (!next.isKeyword(word)) {
            throw unexpected(next, expected);
        }
        advance();
    }

    private void requireSymbol(String symbol, String expected) throws InvalidSelectorSyntaxException {
        if (!next.isSymbol(symbol)) {
            throw unexpected(next, expected);
        }
        advance();
    }

    private void advance() throws InvalidSelectorSyntaxException {
        next = lexer.next();
    }

    private void descend() throws InvalidSelectorSyntaxException {
        if (++depth > MessageSelector.NESTING_MAX) {
            throw new InvalidSelectorSyntaxException(
                    text,
                    next.position(),
                    "parentheses, NOT and signs nest deeper than " + MessageSelector.NESTING_MAX + " here");
        }
    }

    private InvalidSelectorSyntaxException unexpected(Token found, String expected) {
        return new InvalidSelectorSyntaxException(
                text, found.position(), "found " + found.words() + ", expected " + expected);
    }
}
