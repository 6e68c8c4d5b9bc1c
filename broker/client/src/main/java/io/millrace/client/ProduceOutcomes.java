package io.millrace.client;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ProduceResponse;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a response says of the batches of its request. Looked up, not searched: a request may carry a batch for each of a thousand queues. */
final class ProduceOutcomes {
    /** What became of one batch. */
    record Outcome(ErrorCode errorCode, long baseOffset, long logAppendTimeMs, String message) {}

    /** By name, or by id where the response names none. */
    private final Map<Object, ProduceResponse.Topic> topics = new HashMap<>();

    ProduceOutcomes(ProduceResponse response) {
        for (ProduceResponse.Topic topic : response.responses()) {
            topics.putIfAbsent(topic.name().isEmpty() ? topic.topicId() : topic.name(), topic);
        }
    }

    /** What became of a batch; null where the response does not mention it. */
    @Nullable
    Outcome of(ProduceExchange.Part part) {
        TopicPartition partition = part.batch().partition();
        ProduceResponse.Topic named = topics.get(partition.topic());
        ProduceResponse.Topic topic = named == null ? topics.get(part.topicId()) : named;
        if (topic != null) {
            for (ProduceResponse.Partition answered : topic.partitionResponses()) {
                if (answered.index() == partition.partition()) {
                    return outcome(answered);
                }
            }
        }
        return null;
    }

    private static Outcome outcome(ProduceResponse.Partition answered) {
        String message = answered.errorMessage() == null ? "" : ": " + answered.errorMessage();
        return new Outcome(
                answered.errorCode(),
                answered.baseOffset(),
                answered.logAppendTimeMs(),
                answered.errorCode() + message);
    }
}
