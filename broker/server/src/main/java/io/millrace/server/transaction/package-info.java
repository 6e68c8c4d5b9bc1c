/** Coordination of transactions: a coordinator for each partition of {@code __transaction_state} that this broker leads, and the markers that it sends. */
@NullMarked
package io.millrace.server.transaction;

import org.jspecify.annotations.NullMarked;
