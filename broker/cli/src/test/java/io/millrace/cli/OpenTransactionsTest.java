package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.ClientException;
import io.millrace.client.TopicPartition;
import io.millrace.client.TransactionAdmin;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class OpenTransactionsTest {
    private static final TopicPartition ORDERS = new TopicPartition("orders", 0);
    private static final TopicPartition BILLS = new TopicPartition("bills", 0);
    private static final long PRODUCER = 1000;

    private final KnownTransactions cluster = new KnownTransactions();
    private final OpenTransactions transactions = new OpenTransactions(new ClusterOptions(), cluster);

    /** Coordinators and partitions that know what a test has told them. */
    private static final class KnownTransactions implements TransactionAdmin {
        private final Map<String, Description> known = new HashMap<>();
        private final Map<TopicPartition, Deque<List<ActiveProducer>>> producers = new HashMap<>();

        void coordinatorKnows(String transactionalId, String state, TopicPartition... partitions) {
            known.put(
                    transactionalId,
                    new Description(transactionalId, 1, state, PRODUCER, (short) 0, 60_000, 1_000, Set.of(partitions)));
        }

        /** What the partition answers, one after the other; the last again and again. */
        void partitionAnswers(TopicPartition partition, ActiveProducer... answers) {
            var each = new ArrayDeque<List<ActiveProducer>>();
            List.of(answers).forEach(answer -> each.add(List.of(answer)));
            producers.put(partition, each);
        }

        @Override
        public CompletableFuture<List<Listing>> list(Filter filter) {
            return CompletableFuture.completedFuture(known.values().stream()
                    .filter(each -> filter.producerIds().contains(each.producerId()))
                    .map(each -> new Listing(each.transactionalId(), each.producerId(), each.state(), 1))
                    .toList());
        }

        @Override
        public CompletableFuture<Description> describe(String transactionalId) {
            Description found = known.get(transactionalId);
            return found == null
                    ? CompletableFuture.failedFuture(new ClientException(ErrorCode.TRANSACTIONAL_ID_NOT_FOUND, "none"))
                    : CompletableFuture.completedFuture(found);
        }

        @Override
        public CompletableFuture<List<ActiveProducer>> producers(TopicPartition partition) {
            Deque<List<ActiveProducer>> answers = producers.getOrDefault(partition, new ArrayDeque<>());
            List<ActiveProducer> answer = answers.size() > 1 ? answers.removeFirst() : answers.peekFirst();
            return CompletableFuture.completedFuture(answer == null ? List.of() : answer);
        }

        @Override
        public CompletableFuture<Void> abort(ActiveProducer producer) {
            throw new AssertionError("nobody asked for that");
        }

        @Override
        public CompletableFuture<Void> terminate(String transactionalId) {
            throw new AssertionError("nobody asked for that");
        }
    }

    private static TransactionAdmin.ActiveProducer open(TopicPartition partition, long start) {
        return new TransactionAdmin.ActiveProducer(partition, PRODUCER, 0, 5, 2_000, -1, start);
    }

    @Test
    void aProducerWithoutATransactionHasNoneOpen() throws Exception {
        cluster.partitionAnswers(ORDERS, open(ORDERS, -1));
        cluster.partitionAnswers(BILLS, open(BILLS, 0));

        assertThat(transactions.in(List.of(ORDERS, BILLS))).containsExactly(open(BILLS, 0));
    }

    @Test
    void aTransactionThatItsCoordinatorWillEndDoesNotHang() throws Exception {
        cluster.partitionAnswers(ORDERS, open(ORDERS, 7));
        cluster.coordinatorKnows("payments", "PrepareCommit", ORDERS);

        assertThat(transactions.hanging(List.of(open(ORDERS, 7)))).isEmpty();
    }

    @Test
    void aTransactionThatNoCoordinatorKnowsHangs() throws Exception {
        cluster.partitionAnswers(ORDERS, open(ORDERS, 7));

        assertThat(transactions.hanging(List.of(open(ORDERS, 7)))).containsExactly(open(ORDERS, 7));
    }

    @Test
    void aTransactionHangsWhoseCoordinatorHasEndedItOrKnowsOnlyOtherPartitions() throws Exception {
        cluster.partitionAnswers(ORDERS, open(ORDERS, 7));
        cluster.coordinatorKnows("payments", "CompleteCommit", ORDERS);
        cluster.coordinatorKnows("others", "Ongoing", BILLS);

        assertThat(transactions.hanging(List.of(open(ORDERS, 7)))).containsExactly(open(ORDERS, 7));
    }

    @Test
    void oneThatEndsWhileItIsLookedForDoesNotHang() throws Exception {
        cluster.partitionAnswers(ORDERS, open(ORDERS, 7), open(ORDERS, 12));
        cluster.coordinatorKnows("payments", "CompleteCommit");

        assertThat(transactions.hanging(transactions.in(List.of(ORDERS)))).isEmpty();
    }
}
