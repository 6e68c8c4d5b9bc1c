/** What of a partition has been delivered and acknowledged: the state machine behind queues and durable subscriptions. */
@NullMarked
package io.millrace.coordinator.queue;

import org.jspecify.annotations.NullMarked;
