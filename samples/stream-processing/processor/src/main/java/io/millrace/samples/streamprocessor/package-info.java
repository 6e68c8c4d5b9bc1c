/** A Kafka Streams program: sales that beans send in, revenue by product and minute out. */
@NullMarked
package io.millrace.samples.streamprocessor;

import org.jspecify.annotations.NullMarked;
