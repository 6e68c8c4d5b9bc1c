package io.millrace.server.request;

import io.millrace.protocol.message.Request;
import io.millrace.protocol.message.Response;
import java.util.concurrent.CompletableFuture;

/** Serves one API, in all its versions. Thread-safe: every event loop calls the same handler. */
@FunctionalInterface
public interface RequestHandler<Q extends Request> {
    /**
     * Serves a request. Called on the event loop of the connection; must not block.
     *
     * <p>Errors that a client can be told are part of the response. A future that fails, or an exception, is a fault of ours: it is
     * logged, and the client gets the request's error response.
     *
     * @param request its records are slices of the received frame, which is released when this method returns: what is needed for longer
     *     must be retained
     * @return the response, or a {@link Silence}; completed within a bounded time on any thread
     */
    CompletableFuture<? extends Response> handle(RequestContext context, Q request);
}
