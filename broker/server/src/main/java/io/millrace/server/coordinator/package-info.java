/** What the state machines of queues and groups share: the log that carries them, from its replay to its end. */
@NullMarked
package io.millrace.server.coordinator;

import org.jspecify.annotations.NullMarked;
