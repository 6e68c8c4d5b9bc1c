package io.millrace.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.HeartbeatRequest;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.message.JoinGroupResponse;
import io.millrace.protocol.message.LeaveGroupRequest;
import io.millrace.protocol.message.LeaveGroupResponse;
import io.millrace.protocol.message.OffsetCommitRequest;
import io.millrace.protocol.message.SyncGroupRequest;
import io.millrace.protocol.message.SyncGroupResponse;
import io.millrace.protocol.message.TxnOffsetCommitRequest;
import io.millrace.protocol.wire.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The corners of the classic protocol: static members (KIP-345), leaving in batches, second rounds of cooperative assignors (KIP-429), and its errors. */
class ClassicProtocolTest {
    private static final String GROUP = "billing";
    private static final int SESSION_MS = 10_000;
    private static final int REBALANCE_MS = 30_000;
    private static final short NEWEST = 9;
    private static final short OLD = 3;

    private final List<GroupRecord> log = new ArrayList<>();
    private long now = 1_000;
    private Groups groups = newGroups();

    @Test
    void eachOfThoseWhoLeaveTogetherHasAnAnswer() {
        var first = stable("one");
        var left = leave(
                new LeaveGroupRequest.Member(first.memberId(), null, null),
                new LeaveGroupRequest.Member("nobody", null, "a reason"),
                new LeaveGroupRequest.Member("nobody", "two", null));

        assertThat(left.errorCode()).isEqualTo(ErrorCode.NONE);
        assertThat(left.members())
                .extracting(LeaveGroupResponse.Member::errorCode)
                .containsExactly(ErrorCode.NONE, ErrorCode.UNKNOWN_MEMBER_ID, ErrorCode.UNKNOWN_MEMBER_ID);
        assertThat(heartbeat(first, "one")).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    }

    @Test
    void anOperatorMayTakeAStaticMemberOutByItsInstance() {
        var member = stable("one");

        var left = leave(new LeaveGroupRequest.Member("", "one", null));

        assertThat(left.members().get(0).errorCode()).isEqualTo(ErrorCode.NONE);
        assertThat(heartbeat(member, "one")).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    }

    @Test
    void theFormerHolderOfAnInstanceIsFencedWhateverItAsks() {
        var before = stable("one");
        var after = answerOf(join("", "one", "range"));

        assertThat(heartbeat(before, "one")).isEqualTo(ErrorCode.FENCED_INSTANCE_ID);
        assertThat(sync(before, "one").getNow(null).errorCode()).isEqualTo(ErrorCode.FENCED_INSTANCE_ID);
        assertThat(commit(before.memberId(), "one", 1, NEWEST)).isEqualTo(ErrorCode.FENCED_INSTANCE_ID);
        assertThat(answerOf(join(before.memberId(), "one", "range")).errorCode())
                .isEqualTo(ErrorCode.FENCED_INSTANCE_ID);
        assertThat(leave(new LeaveGroupRequest.Member(before.memberId(), "one", null))
                        .members()
                        .get(0)
                        .errorCode())
                .isEqualTo(ErrorCode.FENCED_INSTANCE_ID);
        assertThat(heartbeat(after, "one")).isEqualTo(ErrorCode.NONE);
        assertThat(commit(after.memberId(), "one", 1, NEWEST)).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void aReplacedStaticMemberSurvivesTheCoordinator() {
        stable("one");
        var after = answerOf(join("", "one", "range"));

        takeOver();

        assertThat(heartbeat(after, "one")).isEqualTo(ErrorCode.NONE);
        assertThat(sync(after, "one").getNow(null).assignment()).isEqualTo(bytes(1));
    }

    @Test
    void aStaticMemberThatStaysAwayIsOutWhenItsSessionEnds() {
        var member = stable("one");

        pass(SESSION_MS);

        assertThat(heartbeat(member, "one")).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    }

    @Test
    void aRebalanceThatIsUnderWayStartsAnewAtTheNextCoordinator() {
        var first = stable(null);
        join("", null, "range");
        assertThat(heartbeat(first, null)).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);

        takeOver();

        assertThat(heartbeat(first, null)).isEqualTo(ErrorCode.NONE);
        var newcomer = join("", null, "range");
        assertThat(newcomer).isNotDone();
        assertThat(heartbeat(first, null)).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
    }

    @Test
    void theLeaderHasAnotherRoundOfACooperativeAssignorWhenItAsks() {
        var leader = stable(null);

        var again = join(leader.memberId(), null, "range");

        assertThat(answerOf(again).generationId()).isEqualTo(leader.generationId() + 1);
        assertThat(answerOf(again).leader()).isEqualTo(leader.memberId());
    }

    @Test
    void aFollowerThatAsksForNothingNewIsToldWhatThereIs() {
        var first = join("", null, "range");
        var second = join("", null, "range");
        pass(1_000);
        sync(answerOf(second), null);
        sync(answerOf(first), null);

        var again = join(answerOf(second).memberId(), null, "range");

        assertThat(answerOf(again).generationId()).isEqualTo(answerOf(second).generationId());
        assertThat(heartbeat(answerOf(first), null)).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void aFollowerWhoseSubscriptionHasChangedMakesAllJoinAgain() {
        var first = join("", null, "range");
        var second = join("", null, "range");
        pass(1_000);
        sync(answerOf(first), null);

        join(answerOf(second).memberId(), null, "range", 7);

        assertThat(heartbeat(answerOf(first), null)).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
    }

    @Test
    void aGroupTakesNoMoreMembersThanItMay() {
        for (int i = 0; i < 3; i++) {
            join("", null, "range");
        }

        assertThat(answerOf(join("", null, "range")).errorCode()).isEqualTo(ErrorCode.GROUP_MAX_SIZE_REACHED);
    }

    @Test
    void aSyncOfAnotherProtocolIsRefused() {
        var joined = join("", null, "range");
        pass(500);

        var request =
                new SyncGroupRequest(GROUP, 1, answerOf(joined).memberId(), null, "consumer", "sticky", List.of());

        assertThat(groups.sync(request, now).answer().getNow(null).errorCode())
                .isEqualTo(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    }

    @Test
    void commitsNameTheErrorThatTheirVersionKnows() {
        assertThat(commit("gone", null, 3, (short) 8)).isEqualTo(ErrorCode.ILLEGAL_GENERATION);
        assertThat(commit("gone", null, 3, NEWEST)).isEqualTo(ErrorCode.GROUP_ID_NOT_FOUND);
        var join = join("", null, "range");
        pass(500);
        assertThat(commit(answerOf(join).memberId(), null, 1, NEWEST)).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
        assertThat(commitInTransaction(answerOf(join).memberId(), 1)).isEqualTo(ErrorCode.NONE);
        assertThat(commitInTransaction(answerOf(join).memberId(), 0)).isEqualTo(ErrorCode.ILLEGAL_GENERATION);
        assertThat(commitInTransaction("nobody", 1)).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
        assertThat(commitInTransaction("", -1)).isEqualTo(ErrorCode.NONE);
    }

    private Groups newGroups() {
        return new Groups(
                new GroupConfiguration(
                        6_000, 60_000, 500, 3, 4_096, 3_600_000, 600_000, GroupConfiguration.Consumers.defaults()),
                () -> UUID.randomUUID().toString(),
                () -> TopicCatalog.EMPTY);
    }

    private void takeOver() {
        groups = newGroups();
        log.forEach(groups::replay);
        groups.onLoaded(now);
    }

    private JoinGroupResponse stable(@Nullable String instanceId) {
        var join = join("", instanceId, "range");
        pass(500);
        sync(answerOf(join), instanceId);
        return answerOf(join);
    }

    private CompletableFuture<JoinGroupResponse> join(
            String memberId, @Nullable String instanceId, String protocol, int... metadata) {
        var protocols = List.of(new JoinGroupRequest.Protocol(protocol, bytes(metadata.length == 0 ? 9 : metadata[0])));
        short version = instanceId == null ? OLD : NEWEST;
        var outcome = groups.join(
                new JoinGroupRequest(
                        GROUP, SESSION_MS, REBALANCE_MS, memberId, instanceId, "consumer", protocols, null),
                version,
                new ClientIdentity("client", "/127.0.0.1"),
                now);
        commit(outcome.records());
        return outcome.answer();
    }

    private CompletableFuture<SyncGroupResponse> sync(JoinGroupResponse joined, @Nullable String instanceId) {
        var assignments = joined.leader().equals(joined.memberId())
                ? joined.members().stream()
                        .map(member -> new SyncGroupRequest.Assignment(member.memberId(), bytes(1)))
                        .toList()
                : List.<SyncGroupRequest.Assignment>of();
        var outcome = groups.sync(
                new SyncGroupRequest(
                        GROUP, joined.generationId(), joined.memberId(), instanceId, null, null, assignments),
                now);
        commit(outcome.records());
        return outcome.answer();
    }

    private ErrorCode heartbeat(JoinGroupResponse joined, @Nullable String instanceId) {
        return groups.heartbeat(new HeartbeatRequest(GROUP, joined.generationId(), joined.memberId(), instanceId), now)
                .answer()
                .errorCode();
    }

    private LeaveGroupResponse leave(LeaveGroupRequest.Member... members) {
        var outcome = groups.leave(new LeaveGroupRequest(GROUP, "", List.of(members)), now);
        commit(outcome.records());
        return outcome.answer();
    }

    private ErrorCode commit(String memberId, @Nullable String instanceId, int generation, short version) {
        var partition = new OffsetCommitRequest.Partition(0, 42, 1, "m");
        var topics = List.of(new OffsetCommitRequest.Topic("orders", new UUID(0, 0), List.of(partition)));
        return groups.commitOffsets(
                        new OffsetCommitRequest(GROUP, generation, memberId, instanceId, -1, topics), version, now)
                .answer()
                .topics()
                .get(0)
                .partitions()
                .get(0)
                .errorCode();
    }

    private ErrorCode commitInTransaction(String memberId, int generation) {
        var partition = new TxnOffsetCommitRequest.Partition(0, 42, 1, "m");
        var topics = List.of(new TxnOffsetCommitRequest.Topic("orders", new UUID(0, 0), List.of(partition)));
        return groups.commitOffsets(
                        new TxnOffsetCommitRequest("tx", GROUP, 7, (short) 0, generation, memberId, null, topics), now)
                .answer()
                .topics()
                .get(0)
                .partitions()
                .get(0)
                .errorCode();
    }

    private void pass(long milliseconds) {
        now += milliseconds;
        commit(groups.expire(now).records());
    }

    private void commit(List<GroupRecord> records) {
        log.addAll(records);
        records.forEach(appended -> groups.commit(appended, now));
    }

    private static JoinGroupResponse answerOf(CompletableFuture<JoinGroupResponse> join) {
        assertThat(join).isDone();
        return join.getNow(null);
    }

    private static Bytes bytes(int content) {
        return Bytes.copyOf(new byte[] {(byte) content});
    }
}
