/** From destinations to message-driven beans. */
@NullMarked
package io.millrace.ra.inbound;

import org.jspecify.annotations.NullMarked;
