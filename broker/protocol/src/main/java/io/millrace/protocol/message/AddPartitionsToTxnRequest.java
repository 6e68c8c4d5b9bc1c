package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/**
 * Adds partitions to a transaction before they are written to.
 *
 * <p>Up to version 3 for the one transaction of a producer; from version 4 on for many, between brokers, which may also only
 * verify.
 */
public record AddPartitionsToTxnRequest(
        List<Transaction> transactions,
        String v3AndBelowTransactionalId,
        long v3AndBelowProducerId,
        short v3AndBelowProducerEpoch,
        List<Topic> v3AndBelowTopics)
        implements Request {
    public record Topic(String name, List<Integer> partitions) {
        static final Schema<Topic> SCHEMA = Schema.of(Topic.class)
                .field("name", STRING)
                .field("partitions", listOf(INT32))
                .build();
    }

    public record Transaction(
            String transactionalId, long producerId, short producerEpoch, boolean verifyOnly, List<Topic> topics) {
        static final Schema<Transaction> SCHEMA = Schema.of(Transaction.class)
                .field("transactionalId", STRING)
                .field("producerId", INT64)
                .field("producerEpoch", INT16)
                .field("verifyOnly", BOOL)
                .field("topics", listOf(Topic.SCHEMA))
                .build();
    }

    public static final Schema<AddPartitionsToTxnRequest> SCHEMA = Schema.of(AddPartitionsToTxnRequest.class)
            .field("transactions", listOf(Transaction.SCHEMA).since(4).required())
            .field("v3AndBelowTransactionalId", STRING.until(3).required())
            .field("v3AndBelowProducerId", INT64.until(3).required())
            .field("v3AndBelowProducerEpoch", INT16.until(3).required())
            .field("v3AndBelowTopics", listOf(Topic.SCHEMA).until(3).required())
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.ADD_PARTITIONS_TO_TXN;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        var topics = v3AndBelowTopics.stream()
                .map(topic -> AddPartitionsToTxnResponse.Topic.error(topic, error))
                .toList();
        return new AddPartitionsToTxnResponse(0, error, List.of(), topics);
    }
}
