/** Log collection: the lines of log files into a topic keyed by host, aggregated by a message-driven bean. */
package io.millrace.samples.logcollection;
