package io.millrace.server.transaction;

import static java.lang.System.Logger.Level.WARNING;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.InitProducerIdRequest;
import io.millrace.protocol.message.InitProducerIdResponse;
import io.millrace.server.request.RequestContext;
import io.millrace.server.request.RequestHandler;
import java.util.concurrent.CompletableFuture;

/**
 * Gives an idempotent producer an id of its own, with epoch 0; has the coordinator of a transactional id decide who its producer is.
 *
 * <p>Errors: COORDINATOR_NOT_AVAILABLE, after which clients ask again, when the metadata store gives no ids; for a transactional id those of
 * {@link TransactionCoordinators} and {@link io.millrace.coordinator.transaction.Transactions#initialize}.
 */
final class InitProducerIdHandler implements RequestHandler<InitProducerIdRequest> {
    private static final System.Logger LOGGER = System.getLogger(InitProducerIdHandler.class.getName());
    private static final short FIRST_VERSION_WITH_FENCED = 4;

    private final ProducerIds ids;
    private final TransactionCoordinators coordinators;

    InitProducerIdHandler(ProducerIds ids, TransactionCoordinators coordinators) {
        this.ids = ids;
        this.coordinators = coordinators;
    }

    @Override
    public CompletableFuture<InitProducerIdResponse> handle(RequestContext context, InitProducerIdRequest request) {
        String transactionalId = request.transactionalId();
        if (transactionalId != null) {
            return coordinators
                    .<InitProducerIdResponse>decideWhenFree(
                            transactionalId,
                            (transactions, nowMs) -> transactions.initialize(request, nowMs),
                            InitProducerIdHandler::refused,
                            answer -> answer.errorCode() == ErrorCode.CONCURRENT_TRANSACTIONS)
                    .thenApply(answer -> forVersion(answer, context.apiVersion()));
        }
        return ids.next().handle((id, failure) -> {
            if (failure != null) {
                LOGGER.log(WARNING, () -> "No producer id for " + context.connection() + ": " + failure);
                return refused(ErrorCode.COORDINATOR_NOT_AVAILABLE);
            }
            return new InitProducerIdResponse(0, ErrorCode.NONE, id, (short) 0);
        });
    }

    private static InitProducerIdResponse forVersion(InitProducerIdResponse answer, short apiVersion) {
        ErrorCode error = FencedError.forVersion(answer.errorCode(), apiVersion, FIRST_VERSION_WITH_FENCED);
        return error == answer.errorCode() ? answer : refused(error);
    }

    private static InitProducerIdResponse refused(ErrorCode error) {
        return new InitProducerIdResponse(0, error, -1, (short) -1);
    }
}
