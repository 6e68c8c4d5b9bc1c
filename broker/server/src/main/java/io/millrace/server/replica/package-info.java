/** What a broker asks of the other brokers: records of their partitions, and changes of the metadata. */
@NullMarked
package io.millrace.server.replica;

import org.jspecify.annotations.NullMarked;
