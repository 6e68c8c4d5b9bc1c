package io.millrace.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.wire.Bytes;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class GroupMembersTest {
    private final GroupMembers members = new GroupMembers();

    @Test
    void aStaticMemberIsKnownUnderItsInstanceAlone() {
        members.add(member("m-1", "i", "range"));

        assertThat(members.check("i", "m-1")).isEqualTo(ErrorCode.NONE);
        assertThat(members.check("i", "m-0")).isEqualTo(ErrorCode.FENCED_INSTANCE_ID);
        assertThat(members.check("other", "m-1")).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
        assertThat(members.check(null, "m-2")).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
    }

    @Test
    void whoIsAboutToJoinCountsUntilItsTimeIsUp() {
        members.add(member("m-1", null, "range"));
        members.expect("m-2", 100);

        assertThat(members.size()).isEqualTo(2);
        members.expireExpected(100);
        assertThat(members.size()).isOne();
        assertThat(members.isExpected("m-2")).isFalse();
    }

    @Test
    void theProtocolThatMostPreferAndAllSpeakIsElected() {
        members.add(member("m-1", null, "sticky", "range", "robin"));
        members.add(member("m-2", null, "range", "robin"));
        members.add(member("m-3", null, "robin", "range"));

        assertThat(members.electProtocol()).isEqualTo("range");
        assertThat(members.shareProtocol(request(null, "sticky"))).isFalse();
        assertThat(members.shareProtocol(request(null, "sticky", "robin"))).isTrue();
    }

    private static GroupMember member(String memberId, String instanceId, String... protocols) {
        return new GroupMember(memberId, new ClientIdentity("client", "host"), request(instanceId, protocols));
    }

    private static JoinGroupRequest request(String instanceId, String... protocols) {
        var spoken = Stream.of(protocols)
                .map(name -> new JoinGroupRequest.Protocol(name, Bytes.EMPTY))
                .toList();
        return new JoinGroupRequest("g", 10_000, 10_000, "", instanceId, "consumer", spoken, null);
    }
}
