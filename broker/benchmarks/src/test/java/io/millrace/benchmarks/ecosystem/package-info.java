/** What applications do with a broker through kafka-clients, measured of Millrace and two generations of Apache Kafka in turn. */
@NullMarked
package io.millrace.benchmarks.ecosystem;

import org.jspecify.annotations.NullMarked;
