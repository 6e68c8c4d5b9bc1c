package io.millrace.coordinator.transaction;

import io.millrace.coordinator.EncodedRecord;
import io.millrace.coordinator.VersionedLayout;
import io.millrace.coordinator.transaction.TransactionRecord.TopicPartitions;
import io.millrace.coordinator.transaction.TransactionRecord.TransactionKey;
import io.millrace.coordinator.transaction.TransactionRecord.TransactionValue;
import io.millrace.protocol.wire.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Records of {@code __transaction_state} as bytes: written in the newest version, read in all. */
public final class TransactionRecordFormat {
    private static final short KEY_VERSION = 0;
    private static final short VALUE_VERSION = 1;
    private static final short FLEXIBLE_SINCE = 1;

    private static final VersionedLayout<TransactionKey> KEY =
            new VersionedLayout<>(TransactionKey.SCHEMA, FLEXIBLE_SINCE, KEY_VERSION);
    private static final VersionedLayout<TransactionValue> VALUE =
            new VersionedLayout<>(TransactionValue.SCHEMA, FLEXIBLE_SINCE, VALUE_VERSION);

    private TransactionRecordFormat() {}

    public static EncodedRecord write(TransactionRecord logged) {
        Transaction transaction = logged.transaction();
        return new EncodedRecord(
                KEY.write(KEY_VERSION, new TransactionKey(logged.transactionalId())),
                transaction == null ? null : VALUE.write(VALUE_VERSION, valueOf(transaction)));
    }

    private static TransactionValue valueOf(Transaction transaction) {
        return new TransactionValue(
                transaction.producerId(),
                transaction.producerEpoch(),
                transaction.timeoutMs(),
                transaction.state().id(),
                transaction.state() == TransactionState.EMPTY ? null : byTopic(transaction.partitions()),
                transaction.lastUpdateMs(),
                transaction.startMs(),
                transaction.previousProducerId(),
                transaction.nextProducerId(),
                transaction.clientVersion(),
                transaction.lastProducerEpoch());
    }

    private static List<TopicPartitions> byTopic(NavigableSet<TransactionPartition> partitions) {
        Map<String, List<Integer>> ids = new TreeMap<>();
        partitions.forEach(partition -> ids.computeIfAbsent(partition.topic(), topic -> new ArrayList<>())
                .add(partition.partition()));
        return ids.entrySet().stream()
                .map(entry -> new TopicPartitions(entry.getKey(), entry.getValue()))
                .toList();
    }

    /**
     * The record; empty where its key is of a kind that is not known here.
     *
     * @throws io.millrace.protocol.wire.MalformedMessageException where the bytes do not follow their layout
     */
    public static Optional<TransactionRecord> read(Bytes key, @Nullable Bytes value) {
        if (VersionedLayout.versionOf(key) != KEY_VERSION) {
            return Optional.empty();
        }
        String transactionalId = KEY.read(key).transactionalId();
        return Optional.of(
                new TransactionRecord(transactionalId, value == null ? null : transactionOf(VALUE.read(value))));
    }

    private static Transaction transactionOf(TransactionValue value) {
        NavigableSet<TransactionPartition> partitions = new TreeSet<>();
        List<TopicPartitions> topics = value.transactionPartitions();
        if (topics != null) {
            topics.forEach(topic ->
                    topic.partitionIds().forEach(id -> partitions.add(new TransactionPartition(topic.topic(), id))));
        }
        return new Transaction(
                value.producerId(),
                value.previousProducerId(),
                value.nextProducerId(),
                value.producerEpoch(),
                value.lastProducerEpoch(),
                value.transactionTimeoutMs(),
                TransactionState.of(value.transactionStatus()),
                partitions,
                value.transactionStartTimestampMs(),
                value.transactionLastUpdateTimestampMs(),
                value.clientTransactionVersion());
    }
}
