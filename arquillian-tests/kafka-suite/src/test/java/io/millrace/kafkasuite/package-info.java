/**
 * Runs Apache Kafka's own client integration tests against clusters of Millrace.
 *
 * <p>{@link io.millrace.kafkasuite.MillraceClusters} takes the place of Kafka's own JUnit extension, and {@link
 * io.millrace.kafkasuite.ResultTable} writes what came of it.
 */
@NullMarked
package io.millrace.kafkasuite;

import org.jspecify.annotations.NullMarked;
