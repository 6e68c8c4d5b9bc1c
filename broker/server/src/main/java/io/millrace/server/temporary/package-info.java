/**
 * Temporary queues and topics: names and bounds in the memory of one broker, and what was sent to them on its way to the
 * connection that owns them. Neither metadata nor logs know of them.
 */
@NullMarked
package io.millrace.server.temporary;

import org.jspecify.annotations.NullMarked;
