package io.millrace.kafkasuite;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Leaves out what Millrace deliberately does not have, with the reason: {@code not-applicable.properties} names classes,
 * or methods as {@code Class.method}, by the simple names of the classes.
 */
public final class NotApplicable implements ExecutionCondition {
    private static final String FILE = "/not-applicable.properties";

    /** Set by those who want to see what becomes of the tests that are left out. */
    private static final String RUN_ALL = "kafka.suite.all";

    private final Properties reasons = new Properties();

    public NotApplicable() {
        try (InputStream in = NotApplicable.class.getResourceAsStream(FILE)) {
            if (in == null) {
                throw new IllegalStateException(FILE + " is not on the class path");
            }
            reasons.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + FILE, e);
        }
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        if (Boolean.getBoolean(RUN_ALL)) {
            return ConditionEvaluationResult.enabled("everything is to run");
        }
        return reasonFor(context)
                .map(ConditionEvaluationResult::disabled)
                .orElseGet(() -> ConditionEvaluationResult.enabled("applicable"));
    }

    private Optional<String> reasonFor(ExtensionContext context) {
        Optional<String> className =
                context.getTestClass().map(NotApplicable::outermost).map(Class::getSimpleName);
        Optional<String> methodName = context.getTestMethod().map(Method::getName);
        return className
                .map(name -> methodName.map(method -> name + "." + method).orElse(name))
                .map(reasons::getProperty);
    }

    private static Class<?> outermost(Class<?> type) {
        Class<?> enclosing = type.getEnclosingClass();
        return enclosing == null ? type : outermost(enclosing);
    }
}
