package io.millrace.server;

import static java.lang.System.Logger.Level.WARNING;

import java.util.ArrayDeque;
import java.util.Deque;

/** What must be closed again, last opened first. Owned by whoever opens; then by whoever closes. */
final class ClosingSteps {
    private static final System.Logger LOGGER = System.getLogger(ClosingSteps.class.getName());

    private record Step(String name, AutoCloseable closeable) {}

    private final Deque<Step> steps = new ArrayDeque<>();

    void add(String name, AutoCloseable closeable) {
        steps.push(new Step(name, closeable));
    }

    // Whatever one part throws, the others must be closed.
    @SuppressWarnings("checkstyle:IllegalCatch")
    void run() {
        while (!steps.isEmpty()) {
            Step step = steps.pop();
            try {
                step.closeable.close();
            } catch (Exception e) {
                LOGGER.log(WARNING, () -> "Closing " + step.name + " failed", e);
            }
        }
    }
}
