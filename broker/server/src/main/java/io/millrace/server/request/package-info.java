/**
 * What a broker answers: one {@link io.millrace.server.request.RequestHandler} for each API, in a table by API key.
 *
 * <p>Handlers run on the event loop of the connection and never block; what takes time completes later.
 */
@NullMarked
package io.millrace.server.request;

import org.jspecify.annotations.NullMarked;
