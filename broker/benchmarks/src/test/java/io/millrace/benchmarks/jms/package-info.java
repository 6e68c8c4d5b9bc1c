/**
 * The same Jakarta Messaging program run against Millrace and ActiveMQ Artemis in turn.
 *
 * <p>{@link io.millrace.benchmarks.jms.JmsFigures} starts the brokers and prints the table. Each pass of a row is a process of its own
 * ({@link io.millrace.benchmarks.jms.JmsProgram}) with the peer's client on its class path; rows know nothing but {@code jakarta.jms}.
 */
@NullMarked
package io.millrace.benchmarks.jms;

import org.jspecify.annotations.NullMarked;
