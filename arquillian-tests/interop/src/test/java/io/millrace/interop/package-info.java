/** Unmodified Kafka clients, and faults of real processes, against clusters of brokers. */
package io.millrace.interop;
