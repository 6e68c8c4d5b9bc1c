/** Metrics: readings of a server into a retained and a compacted topic, aggregated by a message-driven bean. */
package io.millrace.samples.metrics;
