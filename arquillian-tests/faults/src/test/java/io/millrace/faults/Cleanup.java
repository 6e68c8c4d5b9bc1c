package io.millrace.faults;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * What has to be taken away again: processes, mounts, network namespaces. Runs last in, first out, at the end of the test or of this JVM.
 *
 * <p>Guarded by this.
 */
final class Cleanup implements AutoCloseable {
    private record Step(String what, Runnable undo) {}

    private final Deque<Step> steps = new ArrayDeque<>();
    private final Thread hook = new Thread(this::undoAll, "faults-cleanup");

    Cleanup() {
        Runtime.getRuntime().addShutdownHook(hook);
    }

    synchronized void add(String what, Runnable undo) {
        steps.push(new Step(what, undo));
    }

    @Override
    public void close() {
        List<String> failures = undoAll();
        if (!failures.isEmpty()) {
            throw new IllegalStateException("left behind, take it away by hand: " + failures);
        }
    }

    private synchronized List<String> undoAll() {
        var failures = new ArrayList<String>();
        while (!steps.isEmpty()) {
            Step step = steps.pop();
            try {
                step.undo().run();
            } catch (RuntimeException | AssertionError e) { // the other steps must be done all the same
                failures.add(step.what() + ": " + e.getMessage());
            }
        }
        failures.forEach(failure -> System.out.println("Left behind: " + failure));
        return failures;
    }
}
