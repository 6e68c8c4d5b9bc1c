package io.millrace.server.request;

import static java.lang.System.Logger.Level.WARNING;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.InitProducerIdRequest;
import io.millrace.protocol.message.InitProducerIdResponse;
import java.util.concurrent.CompletableFuture;

/**
 * Gives an idempotent producer an id of its own, with epoch 0.
 *
 * <p>Errors: UNSUPPORTED_VERSION for a transactional id, since there are no transactions yet; COORDINATOR_NOT_AVAILABLE, after which clients ask
 * again, when the metadata store gives no ids.
 */
final class InitProducerIdHandler implements RequestHandler<InitProducerIdRequest> {
    private static final System.Logger LOGGER = System.getLogger(InitProducerIdHandler.class.getName());

    private final ProducerIds ids;

    InitProducerIdHandler(ProducerIds ids) {
        this.ids = ids;
    }

    @Override
    public CompletableFuture<InitProducerIdResponse> handle(RequestContext context, InitProducerIdRequest request) {
        if (request.transactionalId() != null) {
            return CompletableFuture.completedFuture(refused(ErrorCode.UNSUPPORTED_VERSION));
        }
        return ids.next().handle((id, failure) -> {
            if (failure != null) {
                LOGGER.log(WARNING, () -> "No producer id for " + context.connection() + ": " + failure);
                return refused(ErrorCode.COORDINATOR_NOT_AVAILABLE);
            }
            return new InitProducerIdResponse(0, ErrorCode.NONE, id, (short) 0);
        });
    }

    private static InitProducerIdResponse refused(ErrorCode error) {
        return new InitProducerIdResponse(0, error, -1, (short) -1);
    }
}
