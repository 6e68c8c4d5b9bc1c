/** Dispatching of queues: a dispatcher for each partition of a queue that this broker leads, and the handlers that reach them. */
@NullMarked
package io.millrace.server.queue;

import org.jspecify.annotations.NullMarked;
