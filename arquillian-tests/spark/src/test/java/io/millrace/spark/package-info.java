/** Spark Structured Streaming against brokers of Millrace. */
package io.millrace.spark;
