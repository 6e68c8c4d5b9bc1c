package io.millrace.server;

import io.millrace.protocol.message.FindCoordinatorRequest;
import io.millrace.server.coordinator.CoordinatorTopic;
import io.millrace.server.group.GroupCoordinators;
import io.millrace.server.transaction.TransactionCoordinators;
import java.util.Map;

/** How the topics of coordinators are created. */
record CoordinatorTopics(CoordinatorTopic offsets, CoordinatorTopic transactions) {
    /** Only sealed segments are compacted; small ones keep the time short that a new coordinator needs to read it all. */
    private static final String SEGMENT_BYTES = String.valueOf(16 * 1024 * 1024);

    private static final Map<String, String> OF_OFFSETS = Map.of("segment.bytes", SEGMENT_BYTES);

    /** As in Kafka: what a transaction has decided must not be forgotten because the brokers' default prefers service. */
    private static final Map<String, String> OF_TRANSACTIONS =
            Map.of("segment.bytes", SEGMENT_BYTES, "unclean.leader.election.enable", "false");

    static CoordinatorTopics of(BrokerConfiguration configuration) {
        var offsets = new CoordinatorTopic(
                GroupCoordinators.OFFSETS_TOPIC,
                configuration.intValue(CoordinatorKeys.OFFSETS_PARTITIONS),
                configuration.intValue(CoordinatorKeys.OFFSETS_REPLICATION_FACTOR),
                1,
                OF_OFFSETS);
        var transactions = new CoordinatorTopic(
                TransactionCoordinators.TRANSACTIONS_TOPIC,
                configuration.intValue(CoordinatorKeys.TRANSACTIONS_PARTITIONS),
                configuration.intValue(CoordinatorKeys.TRANSACTIONS_REPLICATION_FACTOR),
                configuration.intValue(CoordinatorKeys.TRANSACTIONS_IN_SYNC_MIN),
                OF_TRANSACTIONS);
        return new CoordinatorTopics(offsets, transactions);
    }

    Map<Byte, CoordinatorTopic> byKeyType() {
        return Map.of(FindCoordinatorRequest.GROUP, offsets, FindCoordinatorRequest.TRANSACTION, transactions);
    }
}
