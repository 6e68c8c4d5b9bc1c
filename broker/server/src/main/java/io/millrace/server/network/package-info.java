/**
 * Sockets of a broker: bytes become frames, frames become exchanges, answers leave in the order of their requests.
 *
 * <p>Knows nothing of what a request means; {@link io.millrace.server.network.RequestReceiver} is the boundary.
 */
@NullMarked
package io.millrace.server.network;

import org.jspecify.annotations.NullMarked;
