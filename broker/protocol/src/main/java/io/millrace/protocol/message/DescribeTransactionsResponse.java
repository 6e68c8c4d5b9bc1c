package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/** Where the transactions of transactional ids stand. */
public record DescribeTransactionsResponse(int throttleTimeMs, List<TransactionState> transactionStates)
        implements Response {
    public record Topic(String topic, List<Integer> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("topic", STRING)
                .field("partitions", listOf(INT32))
                .build();
    }

    public record TransactionState(
            ErrorCode errorCode,
            String transactionalId,
            String transactionState,
            int transactionTimeoutMs,
            long transactionStartTimeMs,
            long producerId,
            short producerEpoch,
            List<Topic> topics) {
        static final Schema<TransactionState> SCHEMA = Schema.of(TransactionState.class)
                .field("errorCode", ERROR_CODE)
                .field("transactionalId", STRING)
                .field("transactionState", STRING)
                .field("transactionTimeoutMs", INT32)
                .field("transactionStartTimeMs", INT64)
                .field("producerId", INT64)
                .field("producerEpoch", INT16)
                .field("topics", listOf(Topic.SCHEMA))
                .build();

        public static TransactionState error(String transactionalId, ErrorCode error) {
            return new TransactionState(error, transactionalId, "", 0, -1, -1, (short) -1, List.of());
        }
    }

    public static final Schema<DescribeTransactionsResponse> SCHEMA = Schema.of(DescribeTransactionsResponse.class)
            .field("throttleTimeMs", INT32)
            .field("transactionStates", listOf(TransactionState.SCHEMA))
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.DESCRIBE_TRANSACTIONS;
    }
}
