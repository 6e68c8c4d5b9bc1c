package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/**
 * Transactional ids that a broker coordinates.
 *
 * @param unknownStateFilters names of states that do not exist
 */
public record ListTransactionsResponse(
        int throttleTimeMs,
        ErrorCode errorCode,
        List<String> unknownStateFilters,
        List<TransactionState> transactionStates)
        implements Response {
    public record TransactionState(String transactionalId, long producerId, String transactionState) {
        static final Schema<TransactionState> SCHEMA = Schema.of(TransactionState.class)
                .field("transactionalId", STRING)
                .field("producerId", INT64)
                .field("transactionState", STRING)
                .build();
    }

    public static final Schema<ListTransactionsResponse> SCHEMA = Schema.of(ListTransactionsResponse.class)
            .field("throttleTimeMs", INT32)
            .field("errorCode", ERROR_CODE)
            .field("unknownStateFilters", listOf(STRING))
            .field("transactionStates", listOf(TransactionState.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.LIST_TRANSACTIONS;
    }
}
