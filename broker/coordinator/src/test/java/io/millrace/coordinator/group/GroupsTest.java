package io.millrace.coordinator.group;

import static io.millrace.coordinator.group.ClassicGroupFixture.GROUP;
import static io.millrace.coordinator.group.ClassicGroupFixture.INITIAL_DELAY_MS;
import static io.millrace.coordinator.group.ClassicGroupFixture.NEW;
import static io.millrace.coordinator.group.ClassicGroupFixture.OLD;
import static io.millrace.coordinator.group.ClassicGroupFixture.REBALANCE_MS;
import static io.millrace.coordinator.group.ClassicGroupFixture.SESSION_MS;
import static io.millrace.coordinator.group.ClassicGroupFixture.answerOf;
import static io.millrace.coordinator.group.ClassicGroupFixture.assignment;
import static io.millrace.coordinator.group.ClassicGroupFixture.bytes;
import static io.millrace.coordinator.group.ClassicGroupFixture.protocols;
import static io.millrace.coordinator.group.ClassicGroupFixture.syncRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.Outcome;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.message.SyncGroupResponse;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The life of a classic group. */
class GroupsTest {
    private final ClassicGroupFixture group = new ClassicGroupFixture();

    @Test
    void theFirstMemberWaitsForOthers() {
        var join = group.join("", NEW);
        assertThat(join.getNow(null)).isNotNull();
        assertThat(answerOf(join).errorCode()).isEqualTo(ErrorCode.MEMBER_ID_REQUIRED);

        var again = group.join(answerOf(join).memberId(), NEW);

        assertThat(again).isNotDone();
        group.pass(INITIAL_DELAY_MS);
        assertThat(answerOf(again).errorCode()).isEqualTo(ErrorCode.NONE);
        assertThat(answerOf(again).generationId()).isEqualTo(1);
        assertThat(answerOf(again).leader()).isEqualTo(answerOf(again).memberId());
        assertThat(answerOf(again).members()).hasSize(1);
    }

    @Test
    void onlyTheLeaderSeesAllMembers() {
        var first = group.join("", OLD);
        var second = group.join("", OLD);
        group.pass(2 * INITIAL_DELAY_MS);

        assertThat(answerOf(first).members()).hasSize(2);
        assertThat(answerOf(second).members()).isEmpty();
        assertThat(answerOf(second).leader()).isEqualTo(answerOf(first).memberId());
        assertThat(answerOf(second).protocolName()).isEqualTo("range");
    }

    @Test
    void assignmentsAreHandedOutOnceTheyAreCommitted() {
        var first = group.join("", OLD);
        var second = group.join("", OLD);
        group.pass(2 * INITIAL_DELAY_MS);
        var followersSync = group.sync(answerOf(second), List.of());
        assertThat(followersSync).isNotDone();

        Outcome<GroupRecord, CompletableFuture<SyncGroupResponse>> leaders = group.groups()
                .sync(
                        syncRequest(
                                answerOf(first),
                                List.of(assignment(answerOf(first), 1), assignment(answerOf(second), 2))),
                        group.nowMs());

        assertThat(followersSync).isNotDone();
        assertThat(leaders.records()).hasSize(1);
        group.commit(leaders.records());
        assertThat(leaders.answer().getNow(null).assignment()).isEqualTo(bytes(1));
        assertThat(followersSync.getNow(null).assignment()).isEqualTo(bytes(2));
    }

    @Test
    void anAssignmentThatIsNotCommittedMakesAllJoinAgain() {
        var first = group.join("", OLD);
        group.pass(INITIAL_DELAY_MS);
        var outcome = group.groups()
                .sync(syncRequest(answerOf(first), List.of(assignment(answerOf(first), 1))), group.nowMs());

        group.groups().onAppendFailed(outcome.records(), ErrorCode.NOT_COORDINATOR, group.nowMs());

        assertThat(outcome.answer().getNow(null).errorCode()).isEqualTo(ErrorCode.NOT_COORDINATOR);
        assertThat(group.heartbeat(answerOf(first))).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
    }

    @Test
    void anotherMemberMakesAllJoinAgain() {
        var first = group.stableGroupOfOne();
        var second = group.join("", OLD);
        assertThat(second).isNotDone();
        assertThat(group.heartbeat(first)).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);

        var again = group.join(first.memberId(), OLD);

        assertThat(answerOf(again).generationId()).isEqualTo(2);
        assertThat(answerOf(second).generationId()).isEqualTo(2);
        assertThat(answerOf(again).leader()).isEqualTo(first.memberId());
    }

    @Test
    void whoDoesNotJoinAgainInTimeIsOut() {
        var first = group.stableGroupOfOne();
        var second = group.join("", OLD);
        while (group.nowMs() < 1_000 + 2 * REBALANCE_MS && !second.isDone()) {
            group.pass(SESSION_MS / 2);
            group.heartbeat(first);
        }

        assertThat(answerOf(second).members()).hasSize(1);
        assertThat(group.heartbeat(first)).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    }

    @Test
    void aSilentMemberIsOutWhenItsSessionEnds() {
        var first = group.stableGroupOfOne();
        group.pass(SESSION_MS - 1);
        assertThat(group.heartbeat(first)).isEqualTo(ErrorCode.NONE);
        group.pass(SESSION_MS - 1);
        assertThat(group.heartbeat(first)).isEqualTo(ErrorCode.NONE);

        group.pass(SESSION_MS);

        assertThat(group.heartbeat(first)).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
        assertThat(group.lastSaved().members()).isEmpty();
        assertThat(group.lastSaved().generation()).isEqualTo(2);
    }

    @Test
    void aMemberThatLeavesIsNotWaitedFor() {
        var first = group.stableGroupOfOne();
        var second = group.join("", OLD);

        group.leave(first.memberId());

        assertThat(answerOf(second).leader()).isEqualTo(answerOf(second).memberId());
    }

    @Test
    void aMemberThatNeverSyncsIsOut() {
        var first = group.join("", OLD);
        var second = group.join("", OLD);
        group.pass(2 * INITIAL_DELAY_MS);
        var waiting = group.sync(answerOf(second), List.of());
        for (int i = 0; i < 4; i++) {
            group.pass(REBALANCE_MS / 4);
            group.heartbeat(answerOf(first));
        }

        assertThat(waiting.getNow(null).errorCode()).isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);
        assertThat(group.heartbeat(answerOf(first))).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    }

    @Test
    void anIdThatIsNeverUsedLeavesNothingBehind() {
        group.join("", NEW);

        group.pass(SESSION_MS);

        assertThat(group.groups().nextDeadlineMs()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void theProtocolThatAllSpeakIsChosen() {
        var first = group.join("", null, OLD, protocols("sticky", "range"));
        var second = group.join("", null, OLD, protocols("cooperative", "range"));
        var third = group.join("", null, OLD, protocols("lonely"));
        group.pass(2 * INITIAL_DELAY_MS);

        assertThat(answerOf(first).protocolName()).isEqualTo("range");
        assertThat(answerOf(second).protocolName()).isEqualTo("range");
        assertThat(answerOf(third).errorCode()).isEqualTo(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
    }

    @Test
    void impossibleRequestsAreRefused() {
        var shortSession = new JoinGroupRequest(GROUP, 5, 5, "", null, "consumer", protocols("range"), null);
        var noGroup = new JoinGroupRequest("", SESSION_MS, 5, "", null, "consumer", protocols("range"), null);

        assertThat(answerOf(group.join(shortSession, OLD)).errorCode()).isEqualTo(ErrorCode.INVALID_SESSION_TIMEOUT);
        assertThat(answerOf(group.join(noGroup, OLD)).errorCode()).isEqualTo(ErrorCode.INVALID_GROUP_ID);
        assertThat(answerOf(group.join("never-seen", OLD)).errorCode()).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    }

    @Test
    void aNewCoordinatorGoesOnWithTheGroup() {
        var first = group.stableGroupOfOne();

        group.takeOver();

        assertThat(group.heartbeat(first)).isEqualTo(ErrorCode.NONE);
        assertThat(group.sync(first, List.of()).getNow(null).assignment()).isEqualTo(bytes(1));
        group.pass(SESSION_MS);
        assertThat(group.heartbeat(first)).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    }

    @Test
    void whoWaitsIsToldWhenTheCoordinatorResigns() {
        var join = group.join("", OLD);

        group.groups().onResigned();

        assertThat(answerOf(join).errorCode()).isEqualTo(ErrorCode.NOT_COORDINATOR);
    }
}
