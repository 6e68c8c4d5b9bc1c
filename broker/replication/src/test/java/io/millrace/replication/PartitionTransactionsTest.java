package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.record.Compression;
import io.millrace.record.EndTransactionMarker;
import io.millrace.record.RecordBatchBuilder;
import io.millrace.storage.FlushPolicy;
import io.millrace.storage.InMemoryDisk;
import io.millrace.storage.LogConfiguration;
import io.millrace.storage.ManualTime;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.compaction.AbortedTransaction;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a leader asks before it writes for a transaction, and what it shows of transactions. */
class PartitionTransactionsTest {
    private static final UUID TOPIC_ID = new UUID(0, 1);
    private static final long TIMEOUT_MS = 1_000;
    private static final long PRODUCER = 7;
    private static final ByteBufAllocator ON_HEAP = new UnpooledByteBufAllocator(false);

    private final Partition partition = leader();
    private final PartitionTransactions transactions = partition.transactions();
    private CompletableFuture<ErrorCode> verdict = CompletableFuture.completedFuture(ErrorCode.NONE);
    private int questions;
    private boolean throwing;

    private static Partition leader() {
        var rules = LogConfiguration.DEFAULT.withFlushPolicy(FlushPolicy.OS);
        var log = PartitionLog.open(new InMemoryDisk(), Path.of("/log"), rules, new ManualTime(0));
        var environment = new PartitionEnvironment(
                ReplicasConfiguration.defaults(1),
                new ManualLoop(),
                change -> new CompletableFuture<>(),
                new NoFollowing(),
                brokerId -> 100 + brokerId,
                new NoListener(),
                (lost, reason) -> {});
        var state = new PartitionState(1, 5, 1, List.of(1), List.of());
        var topic = new TopicImage(
                TOPIC_ID, "orders", DestinationKind.TOPIC, Map.of(), List.of(List.of(1)), List.of(state));
        var led = new Partition(new PartitionKey(TOPIC_ID, 0), topic, Map.of(LogKind.DATA, log), environment);
        led.onState(topic, state);
        return led;
    }

    private static final class NoFollowing implements PartitionEnvironment.Following {
        @Override
        public void follow(Partition followed, int leaderId, int leaderEpoch) {}

        @Override
        public void unfollow(Partition followed) {}
    }

    private static final class NoListener implements LeadershipListener {
        @Override
        public void onLeader(Partition led, int leaderEpoch) {}

        @Override
        public void onResigned(Partition led) {}
    }

    private CompletableFuture<AppendResult> write(int epoch, int sequence) {
        try (var builder = new RecordBatchBuilder(ON_HEAP, Compression.NONE, Integer.MAX_VALUE)) {
            builder.tryAppend(1000, null, Unpooled.copiedBuffer("value", StandardCharsets.UTF_8), List.of());
            ByteBuf batch = builder.build(PRODUCER, (short) epoch, sequence, true);
            return transactions.append(batch, Acks.ALL, TIMEOUT_MS, () -> {
                questions++;
                if (throwing) {
                    throw new IllegalStateException("no loop");
                }
                return verdict;
            });
        }
    }

    private ErrorCode end(int epoch, boolean commits, boolean hasOwnEpoch) {
        var marker = new EndTransactionMarker(commits, 1).toBatch(ON_HEAP, 1000, PRODUCER, (short) epoch);
        return transactions.appendMarker(marker, hasOwnEpoch, TIMEOUT_MS).join().errorCode();
    }

    private long lastStable() {
        return partition.lastStableOffset(LogKind.DATA, -1).offset();
    }

    @Test
    void onlyTheFirstBatchOfATransactionIsAskedFor() {
        assertThat(write(0, 0).join().isAppended()).isTrue();
        assertThat(write(0, 1).join().isAppended()).isTrue();
        assertThat(questions).isEqualTo(1);

        end(0, true, false);
        write(0, 2);
        assertThat(questions).isEqualTo(2);
    }

    @Test
    void whatTheCoordinatorRefusesIsNotWritten() {
        verdict = CompletableFuture.completedFuture(ErrorCode.TRANSACTION_ABORTABLE);

        assertThat(write(0, 0).join().errorCode()).isEqualTo(ErrorCode.TRANSACTION_ABORTABLE);
        assertThat(partition.logEndOffset(LogKind.DATA)).isZero();
    }

    @Test
    void aCoordinatorThatCannotBeAskedIsNotAvailable() {
        verdict = CompletableFuture.failedFuture(new IllegalStateException("no connection"));

        assertThat(write(0, 0).join().errorCode()).isEqualTo(ErrorCode.COORDINATOR_NOT_AVAILABLE);
    }

    @Test
    void aTransactionThatEndsWhileTheCoordinatorIsAskedTakesNoBatch() {
        write(0, 0);
        end(0, true, false);
        var first = new CompletableFuture<ErrorCode>();
        verdict = first;
        var late = write(0, 1);

        end(0, false, false);
        verdict = CompletableFuture.completedFuture(ErrorCode.TRANSACTION_ABORTABLE);
        first.complete(ErrorCode.NONE);

        assertThat(late.join().errorCode()).isEqualTo(ErrorCode.TRANSACTION_ABORTABLE);
        assertThat(lastStable()).isEqualTo(partition.logEndOffset(LogKind.DATA));
    }

    @Test
    void theMarkerOfTheTransactionBeforeMayComeWhileTheCoordinatorIsAsked() {
        write(0, 0);
        var first = new CompletableFuture<ErrorCode>();
        verdict = first;
        var next = write(1, 0);

        end(1, true, true);
        verdict = CompletableFuture.completedFuture(ErrorCode.NONE);
        first.complete(ErrorCode.NONE);

        assertThat(next.join().isAppended()).isTrue();
        assertThat(questions).isEqualTo(3);
    }

    @Test
    void batchesOfAProducerKeepTheirOrderWhileTheCoordinatorIsAsked() {
        write(0, 0);
        var slow = new CompletableFuture<ErrorCode>();
        verdict = slow;
        var first = write(1, 0);
        end(1, true, true);
        verdict = CompletableFuture.completedFuture(ErrorCode.NONE);
        var second = write(1, 1);
        var third = write(1, 2);
        slow.complete(ErrorCode.NONE);

        assertThat(first.join().baseOffset()).isEqualTo(2);
        assertThat(second.join().baseOffset()).isEqualTo(3);
        assertThat(third.join().baseOffset()).isEqualTo(4);
        assertThat(questions).isEqualTo(3);
    }

    @Test
    void whatIsRefusedToABatchIsRefusedToThoseBehindIt() {
        var slow = new CompletableFuture<ErrorCode>();
        verdict = slow;
        var first = write(0, 0);
        var second = write(0, 1);
        var ofNextEpoch = write(1, 0);
        verdict = CompletableFuture.completedFuture(ErrorCode.NONE);
        slow.complete(ErrorCode.CONCURRENT_TRANSACTIONS);

        assertThat(first.join().errorCode()).isEqualTo(ErrorCode.CONCURRENT_TRANSACTIONS);
        assertThat(second.join().errorCode()).isEqualTo(ErrorCode.CONCURRENT_TRANSACTIONS);
        assertThat(ofNextEpoch.join().isAppended()).isTrue();
    }

    @Test
    void aVerifierThatThrowsHoldsUpNothing() {
        throwing = true;
        var first = write(0, 0);
        throwing = false;
        var second = write(0, 0);

        assertThat(first.join().errorCode()).isEqualTo(ErrorCode.COORDINATOR_NOT_AVAILABLE);
        assertThat(second.join().isAppended()).isTrue();
    }

    @Test
    void readersOfCommittedRecordsStopBeforeAnOpenTransaction() {
        write(0, 0);

        var committed = partition.read(LogKind.DATA, -1, 0, 1000, true, Isolation.READ_COMMITTED);
        var all = partition.read(LogKind.DATA, -1, 0, 1000, true, Isolation.READ_UNCOMMITTED);

        assertThat(committed.slice()).isEmpty();
        assertThat(committed.lastStableOffset()).isZero();
        assertThat(committed.highWatermark()).isEqualTo(1);
        assertThat(all.slice()).isPresent();
        all.slice().get().close();
        assertThat(lastStable()).isZero();
    }

    @Test
    void abortedTransactionsAreTold() {
        write(0, 0);
        end(0, false, false);

        assertThat(transactions.abortedIn(0, lastStable())).containsExactly(new AbortedTransaction(PRODUCER, 0, 1));
        assertThat(lastStable()).isEqualTo(2);
    }

    @Test
    void aMarkerThatComesAgainDoesNotEndTheNextTransaction() {
        write(0, 0);
        assertThat(end(1, true, true)).isEqualTo(ErrorCode.NONE);
        write(1, 0);

        assertThat(end(1, true, true)).isEqualTo(ErrorCode.INVALID_PRODUCER_EPOCH);
        assertThat(end(2, true, true)).isEqualTo(ErrorCode.NONE);
        assertThat(end(2, true, true)).isEqualTo(ErrorCode.NONE); // there is nothing that it could end
    }

    @Test
    void producersAreDescribedByTheLeader() {
        write(3, 0);

        assertThat(transactions.producers().join())
                .hasValueSatisfying(
                        producers -> assertThat(producers).singleElement().satisfies(producer -> {
                            assertThat(producer.producerId()).isEqualTo(PRODUCER);
                            assertThat(producer.producerEpoch()).isEqualTo((short) 3);
                            assertThat(producer.transactionStart()).isZero();
                        }));
    }
}
