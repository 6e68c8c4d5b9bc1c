package io.millrace.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.VersionedLayout;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.HeartbeatRequest;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.message.JoinGroupResponse;
import io.millrace.protocol.message.LeaveGroupRequest;
import io.millrace.protocol.message.SyncGroupRequest;
import io.millrace.protocol.wire.Bytes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A consumer of the classic protocol: eager, which gives everything up before it joins again, or cooperative. */
final class ClassicMemberFixture {
    static final short VERSION = 9;
    private static final short SUBSCRIPTION_VERSION = 1;
    private static final int INITIAL_DELAY_MS = 500;
    private static final VersionedLayout<ConsumerProtocol.Subscription> SUBSCRIPTION =
            new VersionedLayout<>(ConsumerProtocol.Subscription.SCHEMA, Short.MAX_VALUE, (short) 3);
    private static final VersionedLayout<ConsumerProtocol.Assignment> ASSIGNMENT =
            new VersionedLayout<>(ConsumerProtocol.Assignment.SCHEMA, Short.MAX_VALUE, (short) 3);

    private final ConsumerGroupFixture group;

    boolean isCooperative;

    @Nullable
    String instanceId;

    String protocolType = "consumer";
    String assignor = "range";

    private String memberId = "";
    private int generation = -1;
    private boolean isLeader;
    private Set<String> owned = new HashSet<>();
    private CompletableFuture<JoinGroupResponse> joining = new CompletableFuture<>();

    ClassicMemberFixture(ConsumerGroupFixture group) {
        this.group = group;
    }

    /** Two members of a classic group with the four partitions of a topic. */
    static void stableGroup(ConsumerGroupFixture group, ClassicMemberFixture a, ClassicMemberFixture b) {
        a.send();
        b.send();
        group.pass(INITIAL_DELAY_MS);
        a.learn();
        b.learn();
        if (a.isLeader) {
            a.share(b);
        } else {
            b.share(a);
        }
    }

    /** The members of a classic group join again, and share what there is. */
    static void rebalance(ConsumerGroupFixture group, ClassicMemberFixture a, ClassicMemberFixture b) {
        a.send();
        b.send();
        a.learn();
        b.learn();
        if (a.isLeader) {
            a.share(b);
        } else {
            b.share(a);
        }
    }

    private void share(ClassicMemberFixture other) {
        var assignments = List.of(
                new SyncGroupRequest.Assignment(memberId, bytes(Set.of("orders-0", "orders-1"))),
                new SyncGroupRequest.Assignment(other.memberId, bytes(Set.of("orders-2", "orders-3"))));
        assertThat(sync(assignments)).isEqualTo(ErrorCode.NONE);
        assertThat(other.sync()).isEqualTo(ErrorCode.NONE);
    }

    String memberId() {
        return memberId;
    }

    int generation() {
        return generation;
    }

    Set<String> owned() {
        return Set.copyOf(owned);
    }

    /** Joins a group that answers at once. */
    void join() {
        assertThat(tryToJoin()).isEqualTo(ErrorCode.NONE);
    }

    ErrorCode tryToJoin() {
        send();
        return learn();
    }

    private void send() {
        if (!isCooperative) {
            owned = new HashSet<>();
        }
        joining = request();
        if (joining.isDone() && joining.getNow(null).errorCode() == ErrorCode.MEMBER_ID_REQUIRED) {
            memberId = joining.getNow(null).memberId();
            joining = request();
        }
    }

    private CompletableFuture<JoinGroupResponse> request() {
        var subscription = new ConsumerProtocol.Subscription(List.of("orders"), null, partitions(owned), -1, null);
        var protocol = new JoinGroupRequest.Protocol(assignor, SUBSCRIPTION.write(SUBSCRIPTION_VERSION, subscription));
        var request = new JoinGroupRequest(
                ConsumerGroupFixture.GROUP,
                ConsumerGroupFixture.SESSION_MS,
                ConsumerGroupFixture.REBALANCE_MS,
                memberId,
                instanceId,
                protocolType,
                List.of(protocol),
                null);
        var outcome = group.groups().join(request, VERSION, new ClientIdentity("classic", "/127.0.0.1"), group.nowMs());
        group.commit(outcome.records());
        return outcome.answer();
    }

    private ErrorCode learn() {
        assertThat(joining).isDone();
        JoinGroupResponse answer = joining.getNow(null);
        if (!answer.errorCode().isError()) {
            memberId = answer.memberId();
            generation = answer.generationId();
            isLeader = answer.leader().equals(memberId);
        }
        return answer.errorCode();
    }

    ErrorCode sync() {
        return sync(List.of());
    }

    private ErrorCode sync(List<SyncGroupRequest.Assignment> assignments) {
        var request = new SyncGroupRequest(
                ConsumerGroupFixture.GROUP, generation, memberId, instanceId, protocolType, assignor, assignments);
        var outcome = group.groups().sync(request, group.nowMs());
        group.commit(outcome.records());
        var answer = outcome.answer().getNow(null);
        if (!answer.errorCode().isError()) {
            owned = names(answer.assignment());
        }
        return answer.errorCode();
    }

    ErrorCode heartbeat() {
        var request = new HeartbeatRequest(ConsumerGroupFixture.GROUP, generation, memberId, instanceId);
        return group.groups().heartbeat(request, group.nowMs()).answer().errorCode();
    }

    /** Joins again if the group asks for that. */
    void follow() {
        if (heartbeat() == ErrorCode.REBALANCE_IN_PROGRESS) {
            join();
            sync();
        }
    }

    ErrorCode leave() {
        var member = new LeaveGroupRequest.Member(memberId, instanceId, null);
        var outcome = group.groups()
                .leave(new LeaveGroupRequest(ConsumerGroupFixture.GROUP, "", List.of(member)), group.nowMs());
        group.commit(outcome.records());
        return outcome.answer().members().get(0).errorCode();
    }

    private static Bytes bytes(Set<String> names) {
        return ASSIGNMENT.write((short) 0, new ConsumerProtocol.Assignment(partitions(names), null));
    }

    private static List<ConsumerProtocol.Partitions> partitions(Set<String> names) {
        Map<String, List<Integer>> byTopic = new TreeMap<>();
        names.forEach(name -> byTopic.computeIfAbsent(name.substring(0, name.lastIndexOf('-')), t -> new ArrayList<>())
                .add(Integer.valueOf(name.substring(name.lastIndexOf('-') + 1))));
        return byTopic.entrySet().stream()
                .map(topic -> new ConsumerProtocol.Partitions(topic.getKey(), topic.getValue()))
                .toList();
    }

    private static Set<String> names(Bytes assignment) {
        var names = new HashSet<String>();
        ASSIGNMENT.read(assignment).assignedPartitions().forEach(topic -> topic.partitions()
                .forEach(partition -> names.add(topic.topic() + "-" + partition)));
        return names;
    }
}
