package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Asks a broker for the transactional ids that it coordinates (KIP-664).
 *
 * @param stateFilters states to list; empty for all
 * @param producerIdFilters ids to list; empty for all
 * @param durationFilter lists those that have been open for longer, milliseconds; -1 for all
 * @param transactionalIdPattern a regular expression; null for all
 */
public record ListTransactionsRequest(
        List<String> stateFilters,
        List<Long> producerIdFilters,
        long durationFilter,
        @Nullable String transactionalIdPattern)
        implements Request {

    public static final Schema<ListTransactionsRequest> SCHEMA = Schema.of(ListTransactionsRequest.class)
            .field("stateFilters", listOf(STRING))
            .field("producerIdFilters", listOf(INT64))
            .field("durationFilter", INT64.since(1).orElse(-1L).required())
            .field("transactionalIdPattern", NULLABLE_STRING.since(2).required())
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.LIST_TRANSACTIONS;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new ListTransactionsResponse(0, error, List.of(), List.of());
    }
}
