package io.millrace.server.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.EncodedRecord;
import io.millrace.coordinator.Outcome;
import io.millrace.coordinator.group.ClientIdentity;
import io.millrace.coordinator.group.GroupConfiguration;
import io.millrace.coordinator.group.GroupDeletion;
import io.millrace.coordinator.group.GroupRecord;
import io.millrace.coordinator.group.GroupRecordFormat;
import io.millrace.coordinator.group.Groups;
import io.millrace.coordinator.group.TopicCatalog;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.HeartbeatRequest;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.message.JoinGroupResponse;
import io.millrace.protocol.message.OffsetCommitRequest;
import io.millrace.protocol.message.OffsetCommitResponse;
import io.millrace.protocol.message.OffsetFetchRequest;
import io.millrace.protocol.message.OffsetFetchResponse;
import io.millrace.protocol.message.SyncGroupResponse;
import io.millrace.protocol.message.TxnOffsetCommitRequest;
import io.millrace.protocol.message.TxnOffsetCommitResponse;
import io.millrace.protocol.wire.Bytes;
import io.millrace.record.EndTransactionMarker;
import io.millrace.server.coordinator.CoordinatorLog;
import io.millrace.server.coordinator.InMemoryLog;
import io.millrace.server.coordinator.ManualLoop;
import io.millrace.server.coordinator.RecordFormat;
import io.millrace.server.coordinator.TransactionalProducer;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GroupCoordinatorTest {
    private static final long PRODUCER_ID = 77;
    private static final int SESSION_MS = 10_000;
    private static final InstantSource CLOCK = () -> Instant.parse("2026-01-01T00:00:00Z");
    private static final RecordFormat<GroupRecord> FORMAT = new RecordFormat<>() {
        @Override
        public EncodedRecord write(GroupRecord value) {
            return GroupRecordFormat.write(value);
        }

        @Override
        public Optional<GroupRecord> read(Bytes key, @Nullable Bytes value) {
            return GroupRecordFormat.read(key, value);
        }
    };

    private ManualLoop loop = new ManualLoop();
    private InMemoryLog log = new InMemoryLog(loop);

    @Test
    void offsetsSurviveAChangeOfTheCoordinator() {
        var first = lead();
        assertThat(commit(first).getNow(null)).isEqualTo(ErrorCode.NONE);

        loop = new ManualLoop();
        log = log.replicaUpTo(loop, log.logEndOffset());
        var second = lead();

        assertThat(committedOffset(second)).isEqualTo(42);
    }

    @Test
    void anOffsetIsNotShownBeforeItIsCommitted() {
        var coordinator = lead();
        log.holdCommits();

        var answer = commit(coordinator);

        assertThat(answer).isNotDone();
        assertThat(committedOffset(coordinator)).isEqualTo(-1);
        log.releaseCommits();
        assertThat(answer.getNow(null)).isEqualTo(ErrorCode.NONE);
        assertThat(committedOffset(coordinator)).isEqualTo(42);
    }

    @Test
    void aCoordinatorThatCannotWriteSaysSo() {
        var coordinator = lead();
        log.refuseAppends(ErrorCode.NOT_ENOUGH_REPLICAS);

        assertThat(commit(coordinator).getNow(null)).isEqualTo(ErrorCode.COORDINATOR_NOT_AVAILABLE);
    }

    @Test
    void aCoordinatorThatIsLoadingOrHasResignedSaysSo() {
        commit(lead());
        log.holdCommits();
        log.produce("not committed yet");
        var loading = lead();

        assertThat(commit(loading).getNow(null)).isEqualTo(ErrorCode.COORDINATOR_LOAD_IN_PROGRESS);
        loop.run(loading::resign);
        assertThat(commit(loading).getNow(null)).isEqualTo(ErrorCode.NOT_COORDINATOR);
    }

    @Test
    void aMemberOutlivesTheLoadingOfItsCoordinator() {
        commit(lead());
        log.holdCommits();
        log.produce("not committed yet");
        var loading = lead();

        var heartbeat = loading.decide(
                (groups, nowMs) -> groups.heartbeat(new HeartbeatRequest("g", 1, "m", null), nowMs),
                GroupHandlers::heartbeatRefused);
        var sync = loading.<SyncGroupResponse>decide(
                (groups, nowMs) -> Outcome.answer(SyncGroupResponse.error(ErrorCode.NONE)), GroupHandlers::syncRefused);
        loop.run();

        assertThat(heartbeat.getNow(null).errorCode()).isEqualTo(ErrorCode.NONE);
        assertThat(sync.getNow(null).errorCode()).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
        assertThat(GroupHandlers.heartbeatRefused(ErrorCode.NOT_COORDINATOR).errorCode())
                .isEqualTo(ErrorCode.NOT_COORDINATOR);
        assertThat(GroupHandlers.syncRefused(ErrorCode.NOT_COORDINATOR).errorCode())
                .isEqualTo(ErrorCode.NOT_COORDINATOR);
    }

    @Test
    void aRebalanceGoesOnWhenItsTimeHasCome() {
        var coordinator = lead();
        var join = join(coordinator);
        assertThat(join).isNotDone();

        loop.pass(GroupConfiguration.defaults().initialRebalanceDelayMs());

        assertThat(join.getNow(null).errorCode()).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void whoWaitsIsSentAwayByACoordinatorThatResigns() {
        var coordinator = lead();
        var join = join(coordinator);

        loop.run(coordinator::resign);

        assertThat(join.getNow(null).errorCode()).isEqualTo(ErrorCode.NOT_COORDINATOR);
    }

    @Test
    void aSilentMemberIsOutInTime() {
        var coordinator = lead();
        join(coordinator);
        loop.pass(GroupConfiguration.defaults().initialRebalanceDelayMs());
        assertThat(log.logEndOffset()).isZero();

        loop.pass(SESSION_MS);

        assertThat(log.logEndOffset()).isEqualTo(1); // the group is empty
    }

    @Test
    void offsetsOfATransactionCountWhenItIsCommitted() {
        var coordinator = lead();
        assertThat(commitInTransaction(coordinator)).isEqualTo(ErrorCode.NONE);
        assertThat(committedOffset(coordinator)).isEqualTo(-1);
        assertThat(fetch(coordinator, true).errorCode()).isEqualTo(ErrorCode.UNSTABLE_OFFSET_COMMIT);

        assertThat(endTransaction(coordinator, true)).isEqualTo(ErrorCode.NONE);

        assertThat(fetch(coordinator, true).committedOffset()).isEqualTo(42);
    }

    @Test
    void offsetsOfATransactionThatIsAbortedNeverWere() {
        var coordinator = lead();
        commitInTransaction(coordinator);

        endTransaction(coordinator, false);

        assertThat(fetch(coordinator, true)).isEqualTo(OffsetFetchResponse.GroupPartition.error(3, ErrorCode.NONE));
    }

    @Test
    void anotherCoordinatorKnowsWhichTransactionsHaveEnded() {
        commitInTransaction(lead());
        loop = new ManualLoop();
        log = log.replicaUpTo(loop, log.logEndOffset());
        var second = lead();
        assertThat(fetch(second, true).errorCode()).isEqualTo(ErrorCode.UNSTABLE_OFFSET_COMMIT);
        endTransaction(second, true);

        loop = new ManualLoop();
        log = log.replicaUpTo(loop, log.logEndOffset());
        var third = lead();

        assertThat(fetch(third, true).committedOffset()).isEqualTo(42);
    }

    @Test
    void anOffsetIsUnstableFromTheDecisionOn() {
        var coordinator = lead();
        log.holdCommits();
        commitInTransaction(coordinator);
        assertThat(fetch(coordinator, true).errorCode()).isEqualTo(ErrorCode.UNSTABLE_OFFSET_COMMIT);
        log.releaseCommits();

        assertThat(fetch(coordinator, true).errorCode()).isEqualTo(ErrorCode.UNSTABLE_OFFSET_COMMIT);
    }

    @Test
    void anOffsetThatIsNotWrittenIsStable() {
        var coordinator = lead();
        log.refuseAppends(ErrorCode.INVALID_PRODUCER_EPOCH);

        assertThat(commitInTransaction(coordinator)).isEqualTo(ErrorCode.INVALID_PRODUCER_EPOCH);

        assertThat(fetch(coordinator, true).errorCode()).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void aCommitWithoutATransactionHasTheLastWordOverOneBeforeIt() {
        var coordinator = lead();
        commitInTransaction(coordinator, 7);
        commit(coordinator);
        assertThat(fetch(coordinator, true).committedOffset()).isEqualTo(42);

        endTransaction(coordinator, true);

        assertThat(fetch(coordinator, true).committedOffset()).isEqualTo(42);
    }

    @Test
    void manyGroupsAreDeletedInBatchesOfBoundedSize() {
        var coordinator = lead();
        var names = IntStream.range(0, 10_000)
                .mapToObj(i -> "a-group-with-a-rather-long-name-of-which-there-are-many-" + i)
                .toList();
        names.forEach(name -> ask(coordinator, name));
        loop.run();
        int before = log.appendCount();

        var answers = names.stream()
                .map(name -> coordinator.decide((groups, nowMs) -> groups.delete(name), GroupDeletion::of))
                .toList();
        loop.run();

        assertThat(answers).allMatch(answer -> answer.getNow(GroupDeletion.of(ErrorCode.REQUEST_TIMED_OUT))
                .equals(GroupDeletion.of(ErrorCode.NONE)));
        assertThat(log.appendCount() - before).isBetween(2, 10);
        assertThat(log.largestBatchBytes()).isLessThan(600_000);
    }

    private ErrorCode commitInTransaction(GroupCoordinator coordinator) {
        return commitInTransaction(coordinator, 42);
    }

    private ErrorCode commitInTransaction(GroupCoordinator coordinator, long offset) {
        var partition = new TxnOffsetCommitRequest.Partition(3, offset, 1, "m");
        var topic = new TxnOffsetCommitRequest.Topic("orders", new UUID(0, 0), List.of(partition));
        var request = new TxnOffsetCommitRequest("tx", "billing", PRODUCER_ID, (short) 2, -1, "", null, List.of(topic));
        CompletableFuture<TxnOffsetCommitResponse> answer = coordinator.decide(
                (groups, nowMs) -> groups.commitOffsets(request, nowMs),
                new TransactionalProducer(PRODUCER_ID, (short) 2),
                error -> (TxnOffsetCommitResponse) request.errorResponse(error));
        loop.run();
        return answer.isDone()
                ? answer.getNow(null).topics().get(0).partitions().get(0).errorCode()
                : ErrorCode.REQUEST_TIMED_OUT;
    }

    private ErrorCode endTransaction(GroupCoordinator coordinator, boolean committed) {
        var marker = new EndTransactionMarker(committed, 0);
        CompletableFuture<ErrorCode> answer = coordinator.endTransaction(
                PRODUCER_ID,
                committed,
                () -> log.append(marker.toBatch(UnpooledByteBufAllocator.DEFAULT, 5, PRODUCER_ID, (short) 2), 1_000));
        loop.run();
        return answer.getNow(null);
    }

    private GroupCoordinator lead() {
        var groups = new Groups(
                GroupConfiguration.defaults(), () -> UUID.randomUUID().toString(), () -> TopicCatalog.EMPTY);
        var coordinatorLog = new CoordinatorLog<>(log, FORMAT, CLOCK, UnpooledByteBufAllocator.DEFAULT, 5_000);
        var coordinator = new GroupCoordinator(0, groups, coordinatorLog, loop, CLOCK);
        loop.run(coordinator::start);
        return coordinator;
    }

    private CompletableFuture<ErrorCode> commit(GroupCoordinator coordinator) {
        CompletableFuture<ErrorCode> answer = ask(coordinator, "billing");
        loop.run();
        return answer;
    }

    private static CompletableFuture<ErrorCode> ask(GroupCoordinator coordinator, String groupId) {
        var partition = new OffsetCommitRequest.Partition(3, 42, 1, "m");
        var topic = new OffsetCommitRequest.Topic("orders", new UUID(0, 0), List.of(partition));
        var request = new OffsetCommitRequest(groupId, -1, "", null, -1, List.of(topic));
        CompletableFuture<OffsetCommitResponse> answer =
                coordinator.decide((groups, nowMs) -> groups.commitOffsets(request, (short) 9, nowMs), error ->
                        (OffsetCommitResponse) request.errorResponse(error));
        return answer.thenApply(
                response -> response.topics().get(0).partitions().get(0).errorCode());
    }

    private CompletableFuture<JoinGroupResponse> join(GroupCoordinator coordinator) {
        var protocol = new JoinGroupRequest.Protocol("range", Bytes.EMPTY);
        var request =
                new JoinGroupRequest("billing", SESSION_MS, 30_000, "", null, "consumer", List.of(protocol), null);
        CompletableFuture<CompletableFuture<JoinGroupResponse>> answer = coordinator.decide(
                (groups, nowMs) -> groups.join(request, (short) 3, new ClientIdentity("c", "h"), nowMs),
                error -> CompletableFuture.completedFuture(JoinGroupResponse.error(error, "")));
        loop.run();
        return answer.thenCompose(Function.identity());
    }

    private long committedOffset(GroupCoordinator coordinator) {
        return fetch(coordinator, false).committedOffset();
    }

    private OffsetFetchResponse.GroupPartition fetch(GroupCoordinator coordinator, boolean requireStable) {
        var wanted = new OffsetFetchRequest.GroupTopic("orders", new UUID(0, 0), List.of(3));
        var request = new OffsetFetchRequest.Group("billing", null, -1, List.of(wanted));
        CompletableFuture<OffsetFetchResponse.Group> answer = coordinator.decide(
                (groups, nowMs) -> Outcome.answer(groups.fetchOffsets(request, requireStable)),
                error -> new OffsetFetchResponse.Group("billing", List.of(), error));
        loop.run();
        return answer.getNow(null).topics().get(0).partitions().get(0);
    }
}
