package io.millrace.cli;

import io.millrace.client.ClientException;
import io.millrace.client.TopicPartition;
import io.millrace.client.TransactionAdmin;
import io.millrace.client.TransactionAdmin.ActiveProducer;
import io.millrace.client.TransactionAdmin.Description;
import io.millrace.client.TransactionAdmin.Filter;
import io.millrace.client.TransactionAdmin.Listing;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/**
 * Finds the transactions that partitions have open, and which coordinator will end them. A transaction that no coordinator knows hangs: it
 * holds up consumers of committed records, and compaction, for good (KIP-664).
 */
final class OpenTransactions {
    /** So many partitions are asked at a time. */
    private static final int ASKED_AT_ONCE = 64;

    private final ClusterOptions cluster;
    private final TransactionAdmin admin;

    OpenTransactions(ClusterOptions cluster, TransactionAdmin admin) {
        this.cluster = cluster;
        this.admin = admin;
    }

    /** The producers that have a transaction open in these partitions, which must have leaders. */
    List<ActiveProducer> in(List<TopicPartition> partitions) throws InterruptedException, TimeoutException {
        var open = new ArrayList<ActiveProducer>();
        for (int from = 0; from < partitions.size(); from += ASKED_AT_ONCE) {
            var answers = partitions.subList(from, Math.min(partitions.size(), from + ASKED_AT_ONCE)).stream()
                    .map(admin::producers)
                    .toList();
            for (var answer : answers) {
                cluster.await(answer).stream()
                        .filter(producer -> producer.transactionStart() >= 0)
                        .forEach(open::add);
            }
        }
        return open;
    }

    /** What coordinators know of these producers, by the producers' ids. */
    Map<Long, List<Description>> known(Collection<ActiveProducer> producers)
            throws InterruptedException, TimeoutException {
        if (producers.isEmpty()) {
            return Map.of();
        }
        List<Long> ids =
                producers.stream().map(ActiveProducer::producerId).distinct().toList();
        var known = new LinkedHashMap<Long, List<Description>>();
        for (Listing listing : cluster.await(admin.list(new Filter(List.of(), ids, -1, "")))) {
            Optional<Description> described = describe(listing.transactionalId());
            described.ifPresent(description -> known.computeIfAbsent(listing.producerId(), ignored -> new ArrayList<>())
                    .add(description));
        }
        return known;
    }

    /** Nothing where the id has expired since it was listed. */
    private Optional<Description> describe(String transactionalId) throws InterruptedException, TimeoutException {
        try {
            return Optional.of(cluster.await(admin.describe(transactionalId)));
        } catch (ClientException e) {
            if (e.errorCode() == ErrorCode.TRANSACTIONAL_ID_NOT_FOUND) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** The transaction whose coordinator will end what a producer has open in its partition. */
    static Optional<Description> ending(ActiveProducer open, Map<Long, List<Description>> known) {
        return known.getOrDefault(open.producerId(), List.of()).stream()
                .filter(Description::isOpen)
                .filter(transaction -> transaction.partitions().contains(open.partition()))
                .findAny();
    }

    /** Those that no coordinator will end. */
    List<ActiveProducer> hanging(List<ActiveProducer> open) throws InterruptedException, TimeoutException {
        Map<Long, List<Description>> known = known(open);
        List<ActiveProducer> unknown = open.stream()
                .filter(producer -> ending(producer, known).isEmpty())
                .toList();
        // One that ended between the two questions is not open any more.
        List<ActiveProducer> still =
                in(unknown.stream().map(ActiveProducer::partition).distinct().toList());
        return unknown.stream()
                .filter(producer -> still.stream().anyMatch(each -> isSame(each, producer)))
                .toList();
    }

    private static boolean isSame(ActiveProducer one, ActiveProducer other) {
        return one.partition().equals(other.partition())
                && one.producerId() == other.producerId()
                && one.transactionStart() == other.transactionStart();
    }
}
