package io.millrace.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ErrorCode;
import org.junit.jupiter.api.Test;

/** Which topics the members of a consumer group want, and what changes of topics do to their assignment. */
class ConsumerSubscriptionsTest {
    private final ConsumerGroupFixture group = new ConsumerGroupFixture();

    @Test
    void topicsThatAreCreatedGrowOrGoAreAssignedAnew() {
        group.topic("orders", 2);
        var member = group.member("a", "orders", "invoices");
        member.join();
        group.topic("invoices", 1);
        member.heartbeat();
        assertThat(member.owned).containsExactlyInAnyOrder("orders-0", "orders-1", "invoices-0");

        group.topic("orders", 3);
        member.heartbeat();
        assertThat(member.owned).contains("orders-2");

        group.removeTopic("invoices");
        member.heartbeat();
        member.acknowledge();
        assertThat(member.owned).containsExactlyInAnyOrder("orders-0", "orders-1", "orders-2");
    }

    @Test
    void changesOfOtherTopicsChangeNothing() {
        group.topic("orders", 2);
        var member = group.member("a");
        member.join();
        group.topic("elsewhere", 5);

        var answer = member.heartbeat();

        assertThat(answer.memberEpoch()).isEqualTo(1);
        assertThat(answer.assignment()).isNull();
    }

    @Test
    void aRegularExpressionFindsTopicsOfNowAndLater() {
        group.topic("orders-eu", 1);
        group.topic("invoices", 1);
        var member = group.member("a");
        member.regex = "orders-.*";
        member.names = null;
        member.join();
        assertThat(member.owned).containsExactly("orders-eu-0");

        group.topic("orders-us", 1);
        member.heartbeat();

        assertThat(member.owned).containsExactlyInAnyOrder("orders-eu-0", "orders-us-0");
    }

    @Test
    void anExpressionThatCannotBeUsedIsRefused() {
        var member = group.member("a");
        member.names = null;
        member.regex = "(unclosed";
        assertThat(member.join().errorCode()).isEqualTo(ErrorCode.INVALID_REGULAR_EXPRESSION);
        member.regex = "a".repeat(ConsumerSubscriptions.REGEX_LENGTH_MAX + 1);

        assertThat(member.join().errorCode()).isEqualTo(ErrorCode.INVALID_REGULAR_EXPRESSION);
        assertThat(group.groups().describe(ConsumerGroupFixture.GROUP).errorCode())
                .isEqualTo(ErrorCode.GROUP_ID_NOT_FOUND);
    }

    @Test
    void anExpressionThatTakesOthersForEverIsFast() {
        group.topic("a".repeat(200) + "!", 1);
        var member = group.member("a");
        member.names = null;
        member.regex = "(a*)*(a*)*(a*)*b";
        long began = System.nanoTime();

        member.join();

        assertThat(System.nanoTime() - began).isLessThan(2_000_000_000L);
    }
}
