package io.millrace.server.queue;

import io.millrace.coordinator.queue.ConsumerId;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.QueueDetachRequest;
import io.millrace.protocol.message.QueueDetachResponse;
import io.millrace.server.request.RequestContext;
import io.millrace.server.request.RequestHandler;
import java.util.concurrent.CompletableFuture;

/** Gives back what a consumer has acquired over the connection. Has no errors: what is not held need not be given back. */
final class QueueDetachHandler implements RequestHandler<QueueDetachRequest> {
    private final QueueDispatchers dispatchers;

    QueueDetachHandler(QueueDispatchers dispatchers) {
        this.dispatchers = dispatchers;
    }

    @Override
    public CompletableFuture<QueueDetachResponse> handle(RequestContext context, QueueDetachRequest request) {
        QueueSession session = dispatchers.session(context);
        session.endWaits();
        var consumer = new ConsumerId(context.connectionId(), request.consumerId());
        CompletableFuture<?>[] released = session.dispatchers()
                .map(dispatcher -> dispatcher.detach(consumer))
                .toArray(CompletableFuture[]::new);
        return CompletableFuture.allOf(released).thenApply(done -> new QueueDetachResponse(ErrorCode.NONE));
    }
}
