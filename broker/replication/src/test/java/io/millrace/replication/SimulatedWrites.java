package io.millrace.replication;

import io.millrace.coordinator.Outcome;
import io.millrace.coordinator.transaction.ProducerIdAndEpoch;
import io.millrace.coordinator.transaction.Transaction;
import io.millrace.coordinator.transaction.TransactionPartition;
import io.millrace.protocol.ErrorCode;
import io.millrace.record.Compression;
import io.millrace.record.RecordBatchBuilder;
import io.millrace.replication.TransactionHistory.Label;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Batches of one transaction that a producer sends to a partition one behind the other, as often as it takes. */
final class SimulatedWrites {
    private static final long TIMEOUT_MS = 300;

    private record Batch(int sequence, String value) {}

    private final TransactionSimulation simulation;
    private final String transactionalId;
    private final ProducerIdAndEpoch producer;
    private final short version;
    private final Label label;
    private final List<Batch> batches = new ArrayList<>();

    SimulatedWrites(
            TransactionSimulation simulation,
            String transactionalId,
            ProducerIdAndEpoch producer,
            short version,
            Label label) {
        this.simulation = simulation;
        this.transactionalId = transactionalId;
        this.producer = producer;
        this.version = version;
        this.label = label;
    }

    void add(int sequence, String value) {
        batches.add(new Batch(sequence, value));
        simulation.history().onWritten(label, value);
    }

    /** Answers with the first error. */
    void writeTo(SimulatedLedPartition partition, Consumer<ErrorCode> answer) {
        Optional<Partition> leader = partition.leader();
        if (leader.isEmpty()) {
            answer.accept(ErrorCode.NOT_LEADER_OR_FOLLOWER);
            return;
        }
        List<CompletableFuture<AppendResult>> results = batches.stream()
                .map(batch -> leader.get()
                        .transactions()
                        .append(bytes(batch), Acks.ALL, TIMEOUT_MS, () -> verify(partition.topicName())))
                .toList();
        CompletableFuture.allOf(results.toArray(CompletableFuture[]::new))
                .thenRun(() -> answer.accept(firstError(results)));
    }

    private ErrorCode firstError(List<CompletableFuture<AppendResult>> results) {
        for (int i = 0; i < results.size(); i++) {
            AppendResult result = results.get(i).join();
            if (!result.isAppended()) {
                checkOrder(i, result);
                return result.errorCode();
            }
        }
        return ErrorCode.NONE;
    }

    private void checkOrder(int index, AppendResult result) {
        if (index > 0 && result.errorCode() == ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER) {
            simulation.fail(
                    "batch " + batches.get(index) + " comes directly behind one that was written, but " + result);
        }
    }

    private ByteBuf bytes(Batch batch) {
        try (var builder = new RecordBatchBuilder(LogMatching.ALLOCATOR, Compression.NONE, Integer.MAX_VALUE)) {
            ByteBuf value = Unpooled.copiedBuffer(batch.value, StandardCharsets.UTF_8);
            builder.tryAppend(simulation.time().nowMs(), null, value, List.of());
            return builder.build(producer.producerId(), producer.epoch(), batch.sequence, true);
        }
    }

    /** What the leader asks the coordinator. */
    private CompletableFuture<ErrorCode> verify(String topic) {
        if (simulation.broken() == BrokenTransactionRule.VERIFICATION) {
            return CompletableFuture.completedFuture(ErrorCode.NONE);
        }
        var verdict = new CompletableFuture<ErrorCode>();
        var partition = new TransactionPartition(topic, 0);
        simulation
                .calls()
                .<ErrorCode>call(
                        answer -> {
                            if (version >= Transaction.V2) {
                                simulation
                                        .coordinator()
                                        .decide(
                                                (rules, nowMs) -> rules.add(
                                                        transactionalId,
                                                        producer,
                                                        List.of(partition),
                                                        Transaction.V2,
                                                        nowMs),
                                                error -> error,
                                                answer);
                            } else {
                                simulation
                                        .coordinator()
                                        .decide(
                                                (rules, nowMs) -> Outcome.answer(rules.verify(transactionalId, producer)
                                                        .apply(partition)),
                                                error -> error,
                                                answer);
                            }
                        },
                        () -> version >= Transaction.V2,
                        answer -> verdict.complete(answer.orElse(ErrorCode.COORDINATOR_NOT_AVAILABLE)));
        return verdict;
    }
}
