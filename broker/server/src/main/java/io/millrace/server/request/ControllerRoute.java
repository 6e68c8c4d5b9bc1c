package io.millrace.server.request;

import io.millrace.protocol.message.Response;
import java.util.concurrent.CompletableFuture;

/** The way to the controller, wherever it is. Thread-safe; never blocks. */
@FunctionalInterface
public interface ControllerRoute {
    /**
     * Has the controller decide.
     *
     * @param mayForward whether another broker may be asked; not for a request that was forwarded already
     * @return errors are part of the response; completed within the call's timeout
     */
    <R extends Response> CompletableFuture<R> call(ControllerCall<R> call, boolean mayForward);
}
