package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/** Asks the coordinator of transactional ids where their transactions stand (KIP-664). */
public record DescribeTransactionsRequest(List<String> transactionalIds) implements Request {

    public static final Schema<DescribeTransactionsRequest> SCHEMA = Schema.of(DescribeTransactionsRequest.class)
            .field("transactionalIds", listOf(STRING))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DESCRIBE_TRANSACTIONS;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return new DescribeTransactionsResponse(
                0,
                transactionalIds.stream()
                        .map(id -> DescribeTransactionsResponse.TransactionState.error(id, error))
                        .toList());
    }
}
