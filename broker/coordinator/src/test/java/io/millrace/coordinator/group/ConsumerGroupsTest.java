package io.millrace.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.Outcome;
import io.millrace.coordinator.group.ConsumerGroupFixture.Member;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ConsumerGroupHeartbeatResponse;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The life of a consumer group, by KIP-848. */
class ConsumerGroupsTest {
    private final ConsumerGroupFixture group = new ConsumerGroupFixture();

    @Test
    void theFirstMemberGetsEverything() {
        group.topic("orders", 3);

        var answer = group.member("a").join();

        assertThat(answer.errorCode()).isEqualTo(ErrorCode.NONE);
        assertThat(answer.memberEpoch()).isEqualTo(1);
        assertThat(answer.heartbeatIntervalMs()).isEqualTo(5_000);
        assertThat(group.assigned(answer)).containsExactlyInAnyOrder("orders-0", "orders-1", "orders-2");
    }

    @Test
    void timesThatAreConfiguredForTheGroupHoldFromTheNextHeartbeatOn() {
        group.topic("orders", 1);
        var member = group.member("a");
        member.join();

        group.configure(ConsumerGroupFixture.SESSION_MS / 2, 700);

        assertThat(member.heartbeat().heartbeatIntervalMs()).isEqualTo(700);
        group.pass(ConsumerGroupFixture.SESSION_MS / 2);
        assertThat(member.heartbeat().errorCode()).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    }

    @Test
    void aMemberGivesUpWhatAnotherGetsBeforeThatOneHasIt() {
        group.topic("orders", 4);
        var first = group.member("a");
        first.join();
        var second = group.member("b");

        assertThat(second.join().memberEpoch()).isEqualTo(2);
        assertThat(second.owned).isEmpty();
        var asked = first.heartbeat();
        assertThat(asked.memberEpoch()).isEqualTo(1); // until it has given up what it has to
        assertThat(first.owned).hasSize(2);
        second.heartbeat();
        assertThat(second.owned).isEmpty();

        assertThat(first.acknowledge().memberEpoch()).isEqualTo(2);
        second.heartbeat();

        assertThat(first.owned).hasSize(2);
        assertThat(second.owned).hasSize(2).doesNotContainAnyElementsOf(first.owned);
        assertThat(group.groups().describe(ConsumerGroupFixture.GROUP).groupState())
                .isEqualTo("Stable");
    }

    @Test
    void aMemberThatDoesNotGiveUpInTimeIsOut() {
        group.topic("orders", 2);
        var first = group.member("a");
        first.join();
        var second = group.member("b");
        second.join();
        first.heartbeat();

        group.pass(ConsumerGroupFixture.REBALANCE_MS);

        assertThat(first.heartbeat().errorCode()).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
        second.heartbeat();
        assertThat(second.owned).hasSize(2);
    }

    @Test
    void aSilentMemberIsOutWhenItsSessionEnds() {
        group.topic("orders", 2);
        var first = group.member("a");
        first.join();
        group.pass(ConsumerGroupFixture.SESSION_MS - 1);
        assertThat(first.heartbeat().errorCode()).isEqualTo(ErrorCode.NONE);

        group.pass(ConsumerGroupFixture.SESSION_MS);

        assertThat(first.heartbeat().errorCode()).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
        assertThat(group.groups().describe(ConsumerGroupFixture.GROUP).groupState())
                .isEqualTo("Empty");
    }

    @Test
    void whatAMemberLeavesBehindGoesToOthers() {
        group.topic("orders", 4);
        var first = group.member("a");
        var second = group.member("b");
        group.settle(first, second);

        assertThat(second.leave(-1).memberEpoch()).isEqualTo(-1);
        first.heartbeat();

        assertThat(first.owned).hasSize(4);
    }

    @Test
    void anotherCoordinatorGoesOnWithTheGroup() {
        group.topic("orders", 4);
        var first = group.member("a");
        var second = group.member("b");
        group.settle(first, second);
        Set<String> had = Set.copyOf(first.owned);

        group.takeOver();

        assertThat(first.heartbeat().errorCode()).isEqualTo(ErrorCode.NONE);
        assertThat(first.heartbeatInFull().memberEpoch()).isEqualTo(2);
        assertThat(first.owned).isEqualTo(had);
        assertThat(group.groups().describe(ConsumerGroupFixture.GROUP).groupState())
                .isEqualTo("Stable");
        assertThat(group.groups().describe(ConsumerGroupFixture.GROUP).members())
                .hasSize(2);
    }

    @Test
    void aRefusedAppendLeavesTheGroupAsItWas() {
        group.topic("orders", 4);
        var first = group.member("a");
        first.join();
        var second = group.member("b").request();
        Outcome<GroupRecord, ConsumerGroupHeartbeatResponse> outcome =
                group.groups().heartbeat(second, new ClientIdentity("c", "h"), group.nowMs());

        group.groups().onAppendFailed(outcome.records(), ErrorCode.COORDINATOR_NOT_AVAILABLE, group.nowMs());

        assertThat(first.heartbeat().memberEpoch()).isEqualTo(1);
        assertThat(first.owned).hasSize(4);
        assertThat(group.groups().describe(ConsumerGroupFixture.GROUP).members())
                .hasSize(1);
    }

    @Test
    void aMemberWhoseEndCouldNotBeWrittenIsOutLater() {
        group.topic("orders", 2);
        var silent = group.member("a");
        silent.join();

        group.passAndRefuse(ConsumerGroupFixture.SESSION_MS);
        assertThat(group.groups().describe(ConsumerGroupFixture.GROUP).members())
                .hasSize(1);
        group.pass(ConsumerGroupFixture.SESSION_MS);

        assertThat(group.groups().describe(ConsumerGroupFixture.GROUP).groupState())
                .isEqualTo("Empty");
    }

    @Test
    void offsetsAreCommittedAndReadInTheMembersEpochOnly() {
        group.topic("orders", 1);
        var member = group.member("a");
        member.join();

        assertThat(group.commit("a", 1)).isEqualTo(ErrorCode.NONE);
        assertThat(group.commit("a", 0)).isEqualTo(ErrorCode.STALE_MEMBER_EPOCH);
        assertThat(group.commit("b", 1)).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
        assertThat(group.commit("", -1)).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
        assertThat(group.fetch("a", 1)).isEqualTo(ErrorCode.NONE);
        assertThat(group.fetch("a", 2)).isEqualTo(ErrorCode.STALE_MEMBER_EPOCH);
        assertThat(group.fetch(null, -1)).isEqualTo(ErrorCode.NONE);
        member.leave(-1);
        assertThat(group.commit("", -1)).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void anEmptyGroupMayChangeItsKind() {
        group.topic("orders", 1);
        var member = group.member("a");
        member.join();
        assertThat(group.joinClassic().errorCode()).isEqualTo(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
        member.leave(-1);

        assertThat(group.joinClassic().errorCode()).isEqualTo(ErrorCode.MEMBER_ID_REQUIRED);
        group.takeOver();
        assertThat(group.groups().describe(ConsumerGroupFixture.GROUP).errorCode())
                .isEqualTo(ErrorCode.GROUP_ID_NOT_FOUND);
        assertThat(member.join().errorCode()).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void anEmptyGroupCanBeDeleted() {
        group.topic("orders", 1);
        var member = group.member("a");
        member.join();
        assertThat(group.groups().delete(ConsumerGroupFixture.GROUP).answer().error())
                .isEqualTo(ErrorCode.NON_EMPTY_GROUP);
        member.leave(-1);

        var deletion = group.groups().delete(ConsumerGroupFixture.GROUP);
        group.commit(deletion.records());

        assertThat(deletion.answer().error()).isEqualTo(ErrorCode.NONE);
        assertThat(group.groups().describe(ConsumerGroupFixture.GROUP).errorCode())
                .isEqualTo(ErrorCode.GROUP_ID_NOT_FOUND);
        group.takeOver();
        assertThat(group.groups().describe(ConsumerGroupFixture.GROUP).errorCode())
                .isEqualTo(ErrorCode.GROUP_ID_NOT_FOUND);
    }

    @Test
    void nobodyEverHasAPartitionThatAnotherHas() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        group.topic("orders", 7);
        group.topic("invoices", 3);
        var members = new ArrayList<Member>();
        for (int step = 0; step < 400; step++) {
            int what = random.nextInt(10);
            if (what == 0 && members.size() < 5) {
                var member = group.member("m" + step, "orders", "invoices");
                assertThat(member.join().errorCode()).as("seed " + seed).isEqualTo(ErrorCode.NONE);
                members.add(member);
            } else if (what == 1 && members.size() > 1) {
                members.remove(random.nextInt(members.size())).leave(-1);
            } else if (what == 2) {
                group.takeOver();
            } else if (!members.isEmpty()) {
                members.get(random.nextInt(members.size())).acknowledge();
            }
            var all = new ArrayList<String>();
            members.forEach(member -> all.addAll(member.owned));
            assertThat(new HashSet<>(all)).as("seed " + seed).hasSameSizeAs(all);
        }
        for (int round = 0; round < 5; round++) {
            members.forEach(Member::acknowledge);
        }
        assertThat(members.stream().mapToInt(member -> member.owned.size()).sum())
                .as("seed " + seed)
                .isEqualTo(members.isEmpty() ? 0 : 10);
    }
}
