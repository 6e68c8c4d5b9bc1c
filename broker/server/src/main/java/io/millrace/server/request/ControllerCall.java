package io.millrace.server.request;

import io.millrace.protocol.message.Request;
import io.millrace.protocol.message.Response;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * A request that only the controller can decide.
 *
 * @param request sent to the broker of the controller when it is elsewhere
 * @param here decides it when the controller is here
 * @param isElsewhere whether a response says that there is no controller where it comes from, so that nothing at all has been done
 */
public record ControllerCall<R extends Response>(
        Request request, Supplier<CompletableFuture<R>> here, Predicate<R> isElsewhere, int timeoutMs) {}
