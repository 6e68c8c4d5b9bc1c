package io.millrace.benchmarks.ecosystem;

import io.millrace.benchmarks.figures.Effort;
import io.millrace.benchmarks.figures.Measured;

/** One row of the table, or a few that are measured together: something that applications do, and what it is measured by. */
interface Scenario {
    String name();

    /** Whether the peer has what the row needs at all. */
    default boolean isServedBy(Target target) {
        return true;
    }

    /** The same for a moment, so that what is measured afterwards has been compiled on both sides. */
    default void warmUp(Target target, Effort effort) throws InterruptedException {
        run(target, effort);
    }

    /**
     * Does it, and checks that it was done: every record and commit that is counted is one that the peer has.
     *
     * @throws IllegalStateException where a client met an error, or where what the peer has differs from what was counted
     */
    Measured run(Target target, Effort effort) throws InterruptedException;
}
