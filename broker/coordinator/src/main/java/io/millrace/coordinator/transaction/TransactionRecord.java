package io.millrace.coordinator.transaction;

import static io.millrace.protocol.wire.Type.INT16;
import static io.millrace.protocol.wire.Type.INT32;
import static io.millrace.protocol.wire.Type.INT64;
import static io.millrace.protocol.wire.Type.INT8;
import static io.millrace.protocol.wire.Type.STRING;
import static io.millrace.protocol.wire.Type.listOf;
import static io.millrace.protocol.wire.Type.nullableListOf;

import io.millrace.protocol.wire.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record of {@code __transaction_state}, in the layout of Apache Kafka, so that its tools can read it. What Kafka does not know lies in tagged
 * fields from {@link #OWN_TAG_MIN} on, which it skips.
 *
 * @param transaction null where the transactional id is forgotten
 */
public record TransactionRecord(String transactionalId, @Nullable Transaction transaction) {
    static final int OWN_TAG_MIN = 10_000;

    /** Version 0 of the keys. */
    record TransactionKey(String transactionalId) {
        static final Schema<TransactionKey> SCHEMA =
                Schema.of(TransactionKey.class).field("transactionalId", STRING).build();
    }

    record TopicPartitions(String topic, List<Integer> partitionIds) {
        static final Schema<TopicPartitions> SCHEMA = Schema.of(TopicPartitions.class)
                .field("topic", STRING)
                .field("partitionIds", listOf(INT32))
                .build();
    }

    /** Versions 0 and 1 of the value. */
    record TransactionValue(
            long producerId,
            short producerEpoch,
            int transactionTimeoutMs,
            byte transactionStatus,
            @Nullable List<TopicPartitions> transactionPartitions,
            long transactionLastUpdateTimestampMs,
            long transactionStartTimestampMs,
            long previousProducerId,
            long nextProducerId,
            short clientTransactionVersion,
            short lastProducerEpoch) {
        static final Schema<TransactionValue> SCHEMA = Schema.of(TransactionValue.class)
                .field("producerId", INT64)
                .field("producerEpoch", INT16)
                .field("transactionTimeoutMs", INT32)
                .field("transactionStatus", INT8)
                .field("transactionPartitions", nullableListOf(TopicPartitions.SCHEMA))
                .field("transactionLastUpdateTimestampMs", INT64)
                .field("transactionStartTimestampMs", INT64)
                .field("previousProducerId", INT64.since(1).tag(0).orElse(-1L))
                .field("nextProducerId", INT64.since(1).tag(1).orElse(-1L))
                .field("clientTransactionVersion", INT16.since(1).tag(2).orElse((short) 0))
                .field("lastProducerEpoch", INT16.since(1).tag(OWN_TAG_MIN).orElse((short) -1))
                .build();
    }
}
