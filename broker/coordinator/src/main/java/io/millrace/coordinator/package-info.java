/** Replicated state machines over internal logs. */
@NullMarked
package io.millrace.coordinator;

import org.jspecify.annotations.NullMarked;
