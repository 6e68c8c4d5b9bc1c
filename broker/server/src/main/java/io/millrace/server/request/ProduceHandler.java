package io.millrace.server.request;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ProduceRequest;
import io.millrace.protocol.message.Response;
import io.millrace.protocol.wire.Records;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.Recompression;
import io.millrace.record.RecordBatch;
import io.millrace.record.TimestampType;
import io.millrace.replication.Acks;
import io.millrace.replication.LogKind;
import io.millrace.replication.Partition;
import io.millrace.replication.PartitionKey;
import io.millrace.replication.Replicas;
import io.millrace.server.configuration.TopicRules;
import io.millrace.server.quota.ClientQuotas;
import io.millrace.server.quota.QuotaKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Appends one record batch to each of some partitions, all at the same time.
 *
 * <p>Batches are checked, and packed anew where their topic demands it, here, on the connection's event loop, and appended by the loops of their partitions. With acks=0 nothing is answered;
 * an error then closes the connection. Errors of all partitions: INVALID_REQUIRED_ACKS; of one: UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID,
 * NOT_LEADER_OR_FOLLOWER, INVALID_REQUEST for a transaction on a queue, those of {@link InvalidRecordException}, of {@link Partition#append}, and within a
 * transaction those of {@link ProduceVerification}.
 */
final class ProduceHandler implements RequestHandler<ProduceRequest> {
    private static final int FIRST_VERSION_WITH_TOPIC_IDS = 13;
    private static final String NO_TRANSACTIONS_ON_QUEUES =
            "Transactions of Kafka's producers are not served on queues yet; leave out transactional.id";

    /** Where a batch comes from. */
    private record Source(@Nullable String transactionalId, Acks acks, short apiVersion) {}

    private final ClusterView cluster;
    private final Replicas replicas;
    private final TopicRulesCache rules;
    private final ProduceVerification verification;
    private final InstantSource clock;
    private final ClientQuotas quotas;

    ProduceHandler(
            ClusterView cluster,
            Replicas replicas,
            TopicRulesCache rules,
            ProduceVerification verification,
            InstantSource clock,
            ClientQuotas quotas) {
        this.cluster = cluster;
        this.replicas = replicas;
        this.rules = rules;
        this.verification = verification;
        this.clock = clock;
        this.quotas = quotas;
    }

    @Override
    public CompletableFuture<Response> handle(RequestContext context, ProduceRequest request) {
        var pending = new PendingProduce(request, cluster);
        pending.throttleMs(throttle(context, request));
        Optional<Acks> acks = Acks.of(request.acks());
        if (acks.isEmpty()) {
            String message = "acks=" + request.acks() + " means nothing; it must be -1, 0 or 1";
            return pending.refuseAll(ErrorCode.INVALID_REQUIRED_ACKS, message);
        }
        var source = new Source(request.transactionalId(), acks.get(), context.apiVersion());
        boolean byId = context.apiVersion() >= FIRST_VERSION_WITH_TOPIC_IDS;
        ClusterImage image = cluster.image();
        for (int i = 0; i < request.topicData().size(); i++) {
            ProduceRequest.Topic topic = request.topicData().get(i);
            Optional<TopicImage> known = byId ? image.topic(topic.topicId()) : image.topic(topic.name());
            ErrorCode unknown = byId ? ErrorCode.UNKNOWN_TOPIC_ID : ErrorCode.UNKNOWN_TOPIC_OR_PARTITION;
            for (int j = 0; j < topic.partitionData().size(); j++) {
                if (known.isPresent()) {
                    append(
                            pending.slot(i, j),
                            known.get(),
                            topic.partitionData().get(j),
                            source);
                } else {
                    pending.slot(i, j).refuse(unknown, "This broker knows no such topic");
                }
            }
        }
        return pending.response();
    }

    /** The request is served; the client must pause after it if it has written too much. */
    private int throttle(RequestContext context, ProduceRequest request) {
        long bytes = 0;
        for (ProduceRequest.Topic topic : request.topicData()) {
            for (ProduceRequest.Partition partition : topic.partitionData()) {
                Records records = partition.records();
                bytes += records == null ? 0 : records.sizeInBytes();
            }
        }
        int throttleMs = quotas.record(QuotaKey.PRODUCER_BYTE_RATE, context.clientId(), bytes);
        context.connection().mute(throttleMs);
        return throttleMs;
    }

    private void append(PendingProduce.Slot slot, TopicImage topic, ProduceRequest.Partition data, Source source) {
        var key = new PartitionKey(topic.topicId(), data.index());
        slot.partition(key);
        if (topic.partition(data.index()).isEmpty()) {
            slot.refuse(
                    ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
                    topic.name() + " has partitions 0 to " + (topic.partitionCount() - 1) + ", no " + data.index());
            return;
        }
        Optional<Partition> partition = replicas.partition(key);
        if (partition.isEmpty()) {
            slot.refuse(
                    ErrorCode.NOT_LEADER_OR_FOLLOWER,
                    "This broker holds no replica of " + topic.name() + "-" + data.index());
            return;
        }
        try {
            ByteBuf batch = accepted(data.records(), rules.of(topic));
            try {
                append(slot, partition.get(), batch, source);
            } finally {
                batch.release();
            }
        } catch (InvalidRecordException e) {
            slot.refuse(ErrorCode.of(e.reason().errorCode()), String.valueOf(e.getMessage()));
        }
    }

    private void append(PendingProduce.Slot slot, Partition partition, ByteBuf batch, Source source)
            throws InvalidRecordException {
        if (isTransactional(batch)) {
            appendInTransaction(slot, partition, batch, source);
        } else {
            slot.completeWith(partition.append(LogKind.DATA, batch.retain(), source.acks(), slot.timeoutMs()));
        }
    }

    private static boolean isTransactional(ByteBuf batch) throws InvalidRecordException {
        return RecordBatch.at(batch, batch.readerIndex()).isTransactional();
    }

    private void appendInTransaction(PendingProduce.Slot slot, Partition partition, ByteBuf batch, Source source)
            throws InvalidRecordException {
        String transactionalId = source.transactionalId();
        if (transactionalId == null) {
            slot.refuse(ErrorCode.INVALID_REQUEST, "A batch of a transaction came without its transactional id");
            return;
        }
        if (partition.kind() == DestinationKind.QUEUE) {
            slot.refuse(ErrorCode.INVALID_REQUEST, NO_TRANSACTIONS_ON_QUEUES);
            return;
        }
        RecordBatch header = RecordBatch.at(batch, batch.readerIndex());
        var claim = new ProduceVerification.Claim(transactionalId, header.producerId(), header.producerEpoch());
        slot.completeWith(partition
                .transactions()
                .append(
                        batch.retain(),
                        source.acks(),
                        slot.timeoutMs(),
                        () -> verification.verify(
                                claim, partition.topicName(), partition.key().partition(), source.apiVersion())));
    }

    /** The batch as it is to be kept; the caller releases it. */
    private ByteBuf accepted(@Nullable Records records, TopicRules topicRules) throws InvalidRecordException {
        if (records == null) {
            throw new InvalidRecordException(
                    InvalidRecordException.Reason.INVALID,
                    "A produce request names a partition and holds no records for it");
        }
        RecordBatch batch = topicRules.validator().validate(records.buffer());
        stamp(batch, topicRules);
        Optional<Recompression> recompression = topicRules.recompression();
        return recompression.isPresent()
                ? recompression.get().apply(records.buffer(), PooledByteBufAllocator.DEFAULT)
                : records.buffer().retain();
    }

    private void stamp(RecordBatch batch, TopicRules topicRules) throws InvalidRecordException {
        long nowMs = clock.millis();
        if (topicRules.timestampType() == TimestampType.LOG_APPEND_TIME) {
            batch.assignTimestamp(TimestampType.LOG_APPEND_TIME, nowMs);
            return;
        }
        long timestamp = batch.maxTimestamp();
        if (timestamp - nowMs > topicRules.timestampAfterMaxMs()) {
            throw new InvalidRecordException(
                    InvalidRecordException.Reason.INVALID_TIMESTAMP,
                    "The time stamp " + timestamp + " lies " + (timestamp - nowMs)
                            + " ms in the future; message.timestamp.after.max.ms=" + topicRules.timestampAfterMaxMs());
        }
        if (timestamp >= 0 && nowMs - timestamp > topicRules.timestampBeforeMaxMs()) {
            throw new InvalidRecordException(
                    InvalidRecordException.Reason.INVALID_TIMESTAMP,
                    "The time stamp " + timestamp + " lies " + (nowMs - timestamp)
                            + " ms in the past; message.timestamp.before.max.ms=" + topicRules.timestampBeforeMaxMs());
        }
    }
}
