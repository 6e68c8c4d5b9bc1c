/** The native client: producer, consumer, queue consumer, administration. */
@NullMarked
package io.millrace.client;

import org.jspecify.annotations.NullMarked;
