package io.millrace.coordinator.group;

import static io.millrace.coordinator.group.ClassicGroupFixture.GROUP;
import static io.millrace.coordinator.group.ClassicGroupFixture.NEW;
import static io.millrace.coordinator.group.ClassicGroupFixture.answerOf;
import static io.millrace.coordinator.group.ClassicGroupFixture.bytes;
import static io.millrace.coordinator.group.ClassicGroupFixture.protocols;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.HeartbeatRequest;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Members of a classic group that keep their place while they are away (KIP-345). */
class StaticMembersTest {
    private final ClassicGroupFixture group = new ClassicGroupFixture();

    @Test
    void aStaticMemberThatComesBackKeepsItsAssignment() {
        var first = group.stable(group.join("", "instance-1", NEW, protocols("range")));

        var back = group.join("", "instance-1", NEW, protocols("range"));

        assertThat(answerOf(back).generationId()).isEqualTo(first.generationId());
        assertThat(answerOf(back).skipAssignment()).isTrue();
        assertThat(answerOf(back).memberId()).isNotEqualTo(first.memberId());
        assertThat(group.sync(answerOf(back), List.of()).getNow(null).assignment())
                .isEqualTo(bytes(1));
    }

    @Test
    void aStaticMemberThatSpeaksAnotherProtocolMakesAllJoinAgain() {
        group.stable(group.join("", "instance-1", NEW, protocols("range")));

        var back = group.join("", "instance-1", NEW, protocols("sticky"));

        assertThat(answerOf(back).generationId()).isEqualTo(2);
        assertThat(answerOf(back).protocolName()).isEqualTo("sticky");
    }

    @Test
    void theFormerHolderOfAnInstanceIsFenced() {
        var first = group.stable(group.join("", "instance-1", NEW, protocols("range")));
        group.join("", "instance-1", NEW, protocols("range"));

        var request = new HeartbeatRequest(GROUP, first.generationId(), first.memberId(), "instance-1");

        assertThat(group.groups().heartbeat(request, group.nowMs()).answer().errorCode())
                .isEqualTo(ErrorCode.FENCED_INSTANCE_ID);
    }
}
