/** Coordination of consumer groups: a coordinator for each partition of {@code __consumer_offsets} that this broker leads. */
@NullMarked
package io.millrace.server.group;

import org.jspecify.annotations.NullMarked;
