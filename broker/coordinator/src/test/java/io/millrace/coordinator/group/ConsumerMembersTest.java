package io.millrace.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ErrorCode;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Who may be a member of a consumer group: epochs, static members, and heartbeats that are refused. */
class ConsumerMembersTest {
    private final ConsumerGroupFixture group = new ConsumerGroupFixture();

    @Test
    void whoDoesNotKnowItsEpochIsFenced() {
        group.topic("orders", 2);
        var member = group.member("a");
        member.join();

        member.epoch = 7;
        assertThat(member.heartbeat().errorCode()).isEqualTo(ErrorCode.FENCED_MEMBER_EPOCH);
        member.epoch = 0;
        assertThat(member.join().errorCode()).isEqualTo(ErrorCode.NONE);
        assertThat(member.owned).hasSize(2);
    }

    @Test
    void theEpochBeforeIsAcceptedWhereTheAnswerWasLost() {
        group.topic("orders", 2);
        var first = group.member("a");
        first.join();
        var second = group.member("b");
        second.join();
        first.heartbeat();
        int epochBefore = first.epoch;
        first.acknowledge();

        first.epoch = epochBefore;
        var again = first.heartbeatInFull();

        assertThat(again.errorCode()).isEqualTo(ErrorCode.NONE);
        assertThat(again.memberEpoch()).isEqualTo(2);
        assertThat(again.assignment()).isNotNull();
    }

    @Test
    void impossibleHeartbeatsAreRefused() {
        var unknown = group.member("a");
        unknown.epoch = 3;
        assertThat(unknown.heartbeat().errorCode()).isEqualTo(ErrorCode.GROUP_ID_NOT_FOUND);
        group.topic("orders", 1);
        group.member("b").join();
        assertThat(unknown.heartbeat().errorCode()).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
        var odd = group.member("c");
        odd.assignor = "mine";
        assertThat(odd.join().errorCode()).isEqualTo(ErrorCode.UNSUPPORTED_ASSIGNOR);
        assertThat(odd.join().errorMessage()).contains("uniform", "range");
        odd.assignor = null;
        odd.names = null;
        assertThat(odd.join().errorCode()).isEqualTo(ErrorCode.INVALID_REQUEST);
        odd.epoch = -3;
        assertThat(odd.heartbeat().errorCode()).isEqualTo(ErrorCode.INVALID_REQUEST);
        odd.epoch = -2;
        assertThat(odd.heartbeat().errorCode()).isEqualTo(ErrorCode.INVALID_REQUEST);
    }

    @Test
    void aGroupTakesNoMoreMembersThanItMay() {
        group.topic("orders", 1);
        for (int i = 0; i < 5; i++) {
            assertThat(group.member("m" + i).join().errorCode()).isEqualTo(ErrorCode.NONE);
        }

        assertThat(group.member("one-more").join().errorCode()).isEqualTo(ErrorCode.GROUP_MAX_SIZE_REACHED);
    }

    @Test
    void aStaticMemberThatComesBackHasWhatItHad() {
        group.topic("orders", 4);
        var before = group.member("a");
        before.instanceId = "one";
        var other = group.member("b");
        group.settle(before, other);
        Set<String> had = Set.copyOf(before.owned);
        assertThat(before.leave(-2).memberEpoch()).isEqualTo(-2);

        var after = group.member("c");
        after.instanceId = "one";
        var answer = after.join();

        assertThat(answer.errorCode()).isEqualTo(ErrorCode.NONE);
        assertThat(after.owned).isEqualTo(had);
        assertThat(other.heartbeat().assignment()).isNull();
        assertThat(before.heartbeat().errorCode()).isEqualTo(ErrorCode.FENCED_INSTANCE_ID);
    }

    @Test
    void anInstanceThatIsInUseIsNotGivenAway() {
        group.topic("orders", 1);
        var holder = group.member("a");
        holder.instanceId = "one";
        holder.join();
        var another = group.member("b");
        another.instanceId = "one";

        assertThat(another.join().errorCode()).isEqualTo(ErrorCode.UNRELEASED_INSTANCE_ID);
    }

    @Test
    void aStaticMemberThatDoesNotComeBackIsOut() {
        group.topic("orders", 2);
        var away = group.member("a");
        away.instanceId = "one";
        var other = group.member("b");
        group.settle(away, other);
        away.leave(-2);

        for (int i = 0; i < 10; i++) {
            group.pass(ConsumerGroupFixture.SESSION_MS / 9);
            other.heartbeat();
        }

        assertThat(other.owned).hasSize(2);
    }
}
