/** Stream processing: sales into a topic that Kafka Streams reads, and a page of the revenue that it writes for a message-driven bean. */
package io.millrace.samples.streamprocessing;
