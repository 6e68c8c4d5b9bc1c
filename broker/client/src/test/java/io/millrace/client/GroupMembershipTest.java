package io.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest.TopicPartitions;
import io.millrace.protocol.message.ConsumerGroupHeartbeatResponse;
import io.millrace.protocol.message.ConsumerGroupHeartbeatResponse.Assignment;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class GroupMembershipTest {
    private static final UUID ORDERS = new UUID(1, 1);

    private final GroupMembership member = new GroupMembership("g", "m", List.of("orders", "bills", "orders"));

    private static ConsumerGroupHeartbeatResponse assigned(int epoch, Integer... partitions) {
        var assignment = new Assignment(List.of(new TopicPartitions(ORDERS, List.of(partitions))));
        return new ConsumerGroupHeartbeatResponse(0, ErrorCode.NONE, null, "m", epoch, 3000, assignment);
    }

    private static ConsumerGroupHeartbeatResponse nothingNew(int epoch) {
        return new ConsumerGroupHeartbeatResponse(0, ErrorCode.NONE, null, "m", epoch, 3000, null);
    }

    private static ConsumerGroupHeartbeatResponse refused(ErrorCode error) {
        return ConsumerGroupHeartbeatResponse.error(error, "because");
    }

    @Test
    void aMemberJoinsWithNothingAndIsAssignedPartitions() {
        ConsumerGroupHeartbeatRequest join = member.heartbeat();

        boolean isNews = member.onAnswer(assigned(3, 0, 2));

        assertThat(join.memberEpoch()).isEqualTo(ConsumerGroupHeartbeatRequest.JOIN);
        assertThat(join.topicPartitions()).isEmpty();
        assertThat(join.subscribedTopicNames()).containsExactly("bills", "orders");
        assertThat(isNews).isTrue();
        assertThat(member.target()).isEqualTo(Map.of(ORDERS, Set.of(0, 2)));
        assertThat(member.intervalMs()).isEqualTo(3000);
        assertThat(member.isMember()).isTrue();
    }

    @Test
    void whatItHasIsSaidInEveryHeartbeat() {
        member.onAnswer(assigned(3, 0, 2));

        member.own(member.target(), member.losses());
        boolean isNews = member.onAnswer(nothingNew(4));

        assertThat(isNews).isFalse();
        assertThat(member.heartbeat().memberEpoch()).isEqualTo(4);
        assertThat(member.heartbeat().topicPartitions()).containsExactly(new TopicPartitions(ORDERS, List.of(0, 2)));
    }

    @Test
    void whatItHasNotGivenUpYetIsSaidToBeItsOwn() {
        member.onAnswer(assigned(3, 0, 2));
        member.own(member.target(), member.losses());

        boolean isNews = member.onAnswer(assigned(3, 0));

        assertThat(isNews).isTrue();
        assertThat(member.heartbeat().topicPartitions()).containsExactly(new TopicPartitions(ORDERS, List.of(0, 2)));
    }

    @Test
    void aMemberThatIsFencedJoinsAnewWithNothing() {
        member.onAnswer(assigned(3, 0, 2));
        member.own(member.target(), member.losses());
        int lossesBefore = member.losses();

        boolean isNews = member.onAnswer(refused(ErrorCode.FENCED_MEMBER_EPOCH));
        member.own(Map.of(ORDERS, Set.of(0, 2)), lossesBefore);

        assertThat(isNews).isTrue();
        assertThat(member.losses()).isEqualTo(lossesBefore + 1);
        assertThat(member.isMember()).isFalse();
        assertThat(member.heartbeat().memberEpoch()).isEqualTo(ConsumerGroupHeartbeatRequest.JOIN);
        assertThat(member.heartbeat().topicPartitions())
                .as("what was lost is not claimed late")
                .isEmpty();
        assertThat(member.refusal()).isNull();
    }

    @Test
    void aGroupThatWillNotHaveItRefusesItForGood() {
        boolean isNews = member.onAnswer(refused(ErrorCode.GROUP_MAX_SIZE_REACHED));

        assertThat(isNews).isTrue();
        assertThat(member.refusal()).hasMessageContaining("\"g\"").hasMessageContaining("because");
    }

    @Test
    void onlyAFailureThatStaysOneIsARefusal() {
        assertThat(member.onFailure(new ClientException(ErrorCode.NETWORK_EXCEPTION, "away")))
                .isFalse();
        assertThat(member.refusal()).isNull();

        assertThat(member.onFailure(new ClientException(ErrorCode.UNSUPPORTED_VERSION, "old")))
                .isTrue();
        assertThat(member.refusal()).hasMessage("old");
    }

    @Test
    void whoLeavesSaysSo() {
        member.onAnswer(assigned(3, 0));

        assertThat(member.farewell().memberEpoch()).isEqualTo(ConsumerGroupHeartbeatRequest.LEAVE);
        assertThat(member.farewell().memberId()).isEqualTo("m");
    }
}
