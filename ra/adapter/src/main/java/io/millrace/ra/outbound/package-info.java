/** Connections that the application server pools and enlists. */
@NullMarked
package io.millrace.ra.outbound;

import org.jspecify.annotations.NullMarked;
