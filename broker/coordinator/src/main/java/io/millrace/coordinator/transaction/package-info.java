/** Transactions of producers: the coordinator's state machine over {@code __transaction_state}. */
@NullMarked
package io.millrace.coordinator.transaction;

import org.jspecify.annotations.NullMarked;
