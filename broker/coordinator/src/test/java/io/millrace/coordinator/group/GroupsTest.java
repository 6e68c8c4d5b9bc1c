package io.millrace.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.Outcome;
import io.millrace.coordinator.group.GroupConfiguration.Consumers;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.HeartbeatRequest;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.message.JoinGroupRequest.Protocol;
import io.millrace.protocol.message.JoinGroupResponse;
import io.millrace.protocol.message.LeaveGroupRequest;
import io.millrace.protocol.message.OffsetCommitRequest;
import io.millrace.protocol.message.OffsetFetchRequest;
import io.millrace.protocol.message.SyncGroupRequest;
import io.millrace.protocol.message.SyncGroupResponse;
import io.millrace.protocol.wire.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GroupsTest {
    private static final String GROUP = "billing";
    private static final int SESSION_MS = 10_000;
    private static final int REBALANCE_MS = 30_000;
    private static final int INITIAL_DELAY_MS = 500;
    private static final short OLD = 3;
    private static final short NEW = 9;

    private final List<GroupRecord> log = new ArrayList<>();
    private long now = 1_000;
    private Groups groups = newGroups();

    @Test
    void theFirstMemberWaitsForOthers() {
        var join = join("", NEW);
        assertThat(join.getNow(null)).isNotNull();
        assertThat(answerOf(join).errorCode()).isEqualTo(ErrorCode.MEMBER_ID_REQUIRED);

        var again = join(answerOf(join).memberId(), NEW);

        assertThat(again).isNotDone();
        pass(INITIAL_DELAY_MS);
        assertThat(answerOf(again).errorCode()).isEqualTo(ErrorCode.NONE);
        assertThat(answerOf(again).generationId()).isEqualTo(1);
        assertThat(answerOf(again).leader()).isEqualTo(answerOf(again).memberId());
        assertThat(answerOf(again).members()).hasSize(1);
    }

    @Test
    void onlyTheLeaderSeesAllMembers() {
        var first = join("", OLD);
        var second = join("", OLD);
        pass(2 * INITIAL_DELAY_MS);

        assertThat(answerOf(first).members()).hasSize(2);
        assertThat(answerOf(second).members()).isEmpty();
        assertThat(answerOf(second).leader()).isEqualTo(answerOf(first).memberId());
        assertThat(answerOf(second).protocolName()).isEqualTo("range");
    }

    @Test
    void assignmentsAreHandedOutOnceTheyAreCommitted() {
        var first = join("", OLD);
        var second = join("", OLD);
        pass(2 * INITIAL_DELAY_MS);
        var followersSync = sync(answerOf(second), List.of());
        assertThat(followersSync).isNotDone();

        Outcome<GroupRecord, CompletableFuture<SyncGroupResponse>> leaders = groups.sync(
                syncRequest(answerOf(first), List.of(assignment(answerOf(first), 1), assignment(answerOf(second), 2))),
                now);

        assertThat(followersSync).isNotDone();
        assertThat(leaders.records()).hasSize(1);
        commit(leaders.records());
        assertThat(leaders.answer().getNow(null).assignment()).isEqualTo(bytes(1));
        assertThat(followersSync.getNow(null).assignment()).isEqualTo(bytes(2));
    }

    @Test
    void anAssignmentThatIsNotCommittedMakesAllJoinAgain() {
        var first = join("", OLD);
        pass(INITIAL_DELAY_MS);
        var outcome = groups.sync(syncRequest(answerOf(first), List.of(assignment(answerOf(first), 1))), now);

        groups.onAppendFailed(outcome.records(), ErrorCode.NOT_COORDINATOR, now);

        assertThat(outcome.answer().getNow(null).errorCode()).isEqualTo(ErrorCode.NOT_COORDINATOR);
        assertThat(heartbeat(answerOf(first))).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
    }

    @Test
    void anotherMemberMakesAllJoinAgain() {
        var first = stableGroupOfOne();
        var second = join("", OLD);
        assertThat(second).isNotDone();
        assertThat(heartbeat(first)).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);

        var again = join(first.memberId(), OLD);

        assertThat(answerOf(again).generationId()).isEqualTo(2);
        assertThat(answerOf(second).generationId()).isEqualTo(2);
        assertThat(answerOf(again).leader()).isEqualTo(first.memberId());
    }

    @Test
    void whoDoesNotJoinAgainInTimeIsOut() {
        var first = stableGroupOfOne();
        var second = join("", OLD);
        while (now < 1_000 + 2 * REBALANCE_MS && !second.isDone()) {
            pass(SESSION_MS / 2);
            heartbeat(first);
        }

        assertThat(answerOf(second).members()).hasSize(1);
        assertThat(heartbeat(first)).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    }

    @Test
    void aSilentMemberIsOutWhenItsSessionEnds() {
        var first = stableGroupOfOne();
        pass(SESSION_MS - 1);
        assertThat(heartbeat(first)).isEqualTo(ErrorCode.NONE);
        pass(SESSION_MS - 1);
        assertThat(heartbeat(first)).isEqualTo(ErrorCode.NONE);

        pass(SESSION_MS);

        assertThat(heartbeat(first)).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
        assertThat(lastSaved().members()).isEmpty();
        assertThat(lastSaved().generation()).isEqualTo(2);
    }

    @Test
    void aMemberThatLeavesIsNotWaitedFor() {
        var first = stableGroupOfOne();
        var second = join("", OLD);

        leave(first.memberId());

        assertThat(answerOf(second).leader()).isEqualTo(answerOf(second).memberId());
    }

    @Test
    void aMemberThatNeverSyncsIsOut() {
        var first = join("", OLD);
        var second = join("", OLD);
        pass(2 * INITIAL_DELAY_MS);
        var waiting = sync(answerOf(second), List.of());
        for (int i = 0; i < 4; i++) {
            pass(REBALANCE_MS / 4);
            heartbeat(answerOf(first));
        }

        assertThat(waiting.getNow(null).errorCode()).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
        assertThat(heartbeat(answerOf(first))).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    }

    @Test
    void anIdThatIsNeverUsedLeavesNothingBehind() {
        join("", NEW);

        pass(SESSION_MS);

        assertThat(groups.nextDeadlineMs()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void theProtocolThatAllSpeakIsChosen() {
        var first = join("", null, OLD, protocols("sticky", "range"));
        var second = join("", null, OLD, protocols("cooperative", "range"));
        var third = join("", null, OLD, protocols("lonely"));
        pass(2 * INITIAL_DELAY_MS);

        assertThat(answerOf(first).protocolName()).isEqualTo("range");
        assertThat(answerOf(second).protocolName()).isEqualTo("range");
        assertThat(answerOf(third).errorCode()).isEqualTo(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    }

    @Test
    void impossibleRequestsAreRefused() {
        var shortSession = new JoinGroupRequest(GROUP, 5, 5, "", null, "consumer", protocols("range"), null);
        var noGroup = new JoinGroupRequest("", SESSION_MS, 5, "", null, "consumer", protocols("range"), null);

        assertThat(answerOf(join(shortSession, OLD)).errorCode()).isEqualTo(ErrorCode.INVALID_SESSION_TIMEOUT);
        assertThat(answerOf(join(noGroup, OLD)).errorCode()).isEqualTo(ErrorCode.INVALID_GROUP_ID);
        assertThat(answerOf(join("never-seen", OLD)).errorCode()).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    }

    @Test
    void aStaticMemberThatComesBackKeepsItsAssignment() {
        var first = stable(join("", "instance-1", NEW, protocols("range")));

        var back = join("", "instance-1", NEW, protocols("range"));

        assertThat(answerOf(back).generationId()).isEqualTo(first.generationId());
        assertThat(answerOf(back).skipAssignment()).isTrue();
        assertThat(answerOf(back).memberId()).isNotEqualTo(first.memberId());
        assertThat(sync(answerOf(back), List.of()).getNow(null).assignment()).isEqualTo(bytes(1));
    }

    @Test
    void aStaticMemberThatSpeaksAnotherProtocolMakesAllJoinAgain() {
        stable(join("", "instance-1", NEW, protocols("range")));

        var back = join("", "instance-1", NEW, protocols("sticky"));

        assertThat(answerOf(back).generationId()).isEqualTo(2);
        assertThat(answerOf(back).protocolName()).isEqualTo("sticky");
    }

    @Test
    void theFormerHolderOfAnInstanceIsFenced() {
        var first = stable(join("", "instance-1", NEW, protocols("range")));
        join("", "instance-1", NEW, protocols("range"));

        var request = new HeartbeatRequest(GROUP, first.generationId(), first.memberId(), "instance-1");

        assertThat(groups.heartbeat(request, now).answer().errorCode()).isEqualTo(ErrorCode.FENCED_INSTANCE_ID);
    }

    @Test
    void aNewCoordinatorGoesOnWithTheGroup() {
        var first = stableGroupOfOne();
        groups = newGroups();
        log.stream().map(GroupsTest::throughBytes).forEach(groups::replay);

        groups.onLoaded(now);

        assertThat(heartbeat(first)).isEqualTo(ErrorCode.NONE);
        assertThat(sync(first, List.of()).getNow(null).assignment()).isEqualTo(bytes(1));
        pass(SESSION_MS);
        assertThat(heartbeat(first)).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    }

    @Test
    void whoWaitsIsToldWhenTheCoordinatorResigns() {
        var join = join("", OLD);

        groups.onResigned();

        assertThat(answerOf(join).errorCode()).isEqualTo(ErrorCode.NOT_COORDINATOR);
    }

    @Test
    void offsetsCountOnceTheyAreCommitted() {
        var first = stableGroupOfOne();
        var outcome = groups.commitOffsets(commitRequest(first.generationId(), first.memberId(), "m"), NEW, now);
        assertThat(committedOffset()).isEqualTo(-1);

        commit(outcome.records());

        assertThat(committedOffset()).isEqualTo(42);
        groups = newGroups();
        log.forEach(groups::replay);
        assertThat(committedOffset()).isEqualTo(42);
    }

    @Test
    void offsetsOfOthersGenerationsAreRefused() {
        var first = stableGroupOfOne();

        assertThat(commitError(commitRequest(first.generationId() - 1, first.memberId(), "m")))
                .isEqualTo(ErrorCode.ILLEGAL_GENERATION);
        assertThat(commitError(commitRequest(first.generationId(), "other", "m")))
                .isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
        assertThat(commitError(commitRequest(-1, "", "m"))).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
        assertThat(commitError(commitRequest(first.generationId(), first.memberId(), "m".repeat(5_000))))
                .isEqualTo(ErrorCode.OFFSET_METADATA_TOO_LARGE);
    }

    @Test
    void aGroupWithoutMembersStoresOffsetsOfAnybody() {
        var outcome = groups.commitOffsets(commitRequest(-1, "", "m"), NEW, now);
        commit(outcome.records());

        var all = groups.fetchOffsets(new OffsetFetchRequest.Group(GROUP, null, -1, null), false);

        assertThat(all.topics()).hasSize(1);
        assertThat(all.topics().get(0).partitions().get(0).committedOffset()).isEqualTo(42);
    }

    // The one who joins, syncs and lets time pass.

    private Groups newGroups() {
        var suffixes = new AtomicInteger();
        return new Groups(
                new GroupConfiguration(
                        6_000, 60_000, INITIAL_DELAY_MS, 10, 4_096, 3_600_000, 600_000, Consumers.defaults()),
                () -> String.valueOf(suffixes.incrementAndGet()),
                () -> TopicCatalog.EMPTY);
    }

    private JoinGroupResponse stableGroupOfOne() {
        return stable(join("", OLD));
    }

    private JoinGroupResponse stable(CompletableFuture<JoinGroupResponse> join) {
        pass(INITIAL_DELAY_MS);
        JoinGroupResponse joined = answerOf(join);
        var synced = sync(joined, List.of(assignment(joined, 1)));
        assertThat(synced.getNow(null).errorCode()).isEqualTo(ErrorCode.NONE);
        return joined;
    }

    private CompletableFuture<JoinGroupResponse> join(String memberId, short version) {
        return join(memberId, null, version, protocols("range", "roundrobin"));
    }

    private CompletableFuture<JoinGroupResponse> join(
            String memberId, @Nullable String instanceId, short version, List<Protocol> protocols) {
        return join(
                new JoinGroupRequest(
                        GROUP, SESSION_MS, REBALANCE_MS, memberId, instanceId, "consumer", protocols, null),
                version);
    }

    private CompletableFuture<JoinGroupResponse> join(JoinGroupRequest request, short version) {
        var outcome = groups.join(request, version, new ClientIdentity("client", "/127.0.0.1"), now);
        commit(outcome.records());
        return outcome.answer();
    }

    private CompletableFuture<SyncGroupResponse> sync(
            JoinGroupResponse joined, List<SyncGroupRequest.Assignment> assignments) {
        var outcome = groups.sync(syncRequest(joined, assignments), now);
        commit(outcome.records());
        return outcome.answer();
    }

    private void leave(String memberId) {
        commit(groups.leave(new LeaveGroupRequest(GROUP, memberId, List.of()), now)
                .records());
    }

    private ErrorCode heartbeat(JoinGroupResponse joined) {
        var request = new HeartbeatRequest(GROUP, joined.generationId(), joined.memberId(), null);
        return groups.heartbeat(request, now).answer().errorCode();
    }

    private ErrorCode commitError(OffsetCommitRequest request) {
        return groups.commitOffsets(request, NEW, now)
                .answer()
                .topics()
                .get(0)
                .partitions()
                .get(0)
                .errorCode();
    }

    private long committedOffset() {
        var wanted = new OffsetFetchRequest.GroupTopic("orders", new UUID(0, 0), List.of(3));
        return groups.fetchOffsets(new OffsetFetchRequest.Group(GROUP, null, -1, List.of(wanted)), false)
                .topics()
                .get(0)
                .partitions()
                .get(0)
                .committedOffset();
    }

    private void pass(long milliseconds) {
        now += milliseconds;
        commit(groups.expire(now).records());
    }

    private void commit(List<GroupRecord> records) {
        log.addAll(records);
        records.forEach(appended -> groups.commit(appended, now));
    }

    private GroupRecord.GroupValue lastSaved() {
        return ((GroupRecord.GroupSaved) log.get(log.size() - 1)).value();
    }

    private static GroupRecord throughBytes(GroupRecord logged) {
        var encoded = GroupRecordFormat.write(logged);
        return GroupRecordFormat.read(encoded.key(), encoded.value()).orElseThrow();
    }

    private static JoinGroupResponse answerOf(CompletableFuture<JoinGroupResponse> join) {
        assertThat(join).isDone();
        return join.getNow(null);
    }

    private static SyncGroupRequest syncRequest(
            JoinGroupResponse joined, List<SyncGroupRequest.Assignment> assignments) {
        return new SyncGroupRequest(GROUP, joined.generationId(), joined.memberId(), null, null, null, assignments);
    }

    private static OffsetCommitRequest commitRequest(int generationId, String memberId, String metadata) {
        var partition = new OffsetCommitRequest.Partition(3, 42, 1, metadata);
        var topic = new OffsetCommitRequest.Topic("orders", new UUID(0, 0), List.of(partition));
        return new OffsetCommitRequest(GROUP, generationId, memberId, null, -1, List.of(topic));
    }

    private static SyncGroupRequest.Assignment assignment(JoinGroupResponse joined, int content) {
        return new SyncGroupRequest.Assignment(joined.memberId(), bytes(content));
    }

    private static List<Protocol> protocols(String... names) {
        return java.util.Arrays.stream(names)
                .map(name -> new Protocol(name, bytes(9)))
                .toList();
    }

    private static Bytes bytes(int content) {
        return Bytes.copyOf(new byte[] {(byte) content});
    }
}
