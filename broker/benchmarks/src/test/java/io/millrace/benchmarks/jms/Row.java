package io.millrace.benchmarks.jms;

import io.millrace.benchmarks.figures.Effort;
import io.millrace.benchmarks.figures.Measured;
import jakarta.jms.JMSException;

/** Something that applications do with a provider, and what it is measured by. */
interface Row {
    String name();

    /** Whether it is done with this number of brokers, too. */
    default boolean isForClusters() {
        return true;
    }

    /**
     * Does it, and checks that it was done: every message that is counted is one that the provider has delivered.
     *
     * @throws IllegalStateException where what was delivered differs from what was sent
     */
    Measured run(Provider provider, Effort effort) throws JMSException, InterruptedException;
}
