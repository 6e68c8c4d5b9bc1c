package io.millrace.coordinator.group;

import io.millrace.coordinator.group.ConsumerGroupRecord.ClassicMetadata;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.DescribeGroupsResponse;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.message.JoinGroupRequest.Protocol;
import io.millrace.protocol.message.JoinGroupResponse;
import io.millrace.protocol.message.SyncGroupResponse;
import io.millrace.protocol.wire.Bytes;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A member of a classic group, and the requests of it that wait for the rest of the group.
 *
 * <p>Owned by the loop of its group.
 */
final class GroupMember {
    private final String memberId;
    private final @Nullable String groupInstanceId;
    private final ClientIdentity client;
    private int sessionTimeoutMs;
    private int rebalanceTimeoutMs;
    private List<Protocol> protocols;
    private Bytes assignment = Bytes.EMPTY;
    private long sessionDeadlineMs;
    private @Nullable CompletableFuture<JoinGroupResponse> waitingJoin;
    private @Nullable CompletableFuture<SyncGroupResponse> waitingSync;

    GroupMember(String memberId, ClientIdentity client, JoinGroupRequest request) {
        this.memberId = memberId;
        this.groupInstanceId = request.groupInstanceId();
        this.client = client;
        this.protocols = request.protocols();
        takeOver(request);
    }

    GroupMember(GroupRecord.MemberValue saved, String protocolName) {
        this.memberId = saved.memberId();
        this.groupInstanceId = saved.groupInstanceId();
        this.client = new ClientIdentity(saved.clientId(), saved.clientHost());
        this.sessionTimeoutMs = saved.sessionTimeout();
        this.rebalanceTimeoutMs = saved.rebalanceTimeout();
        this.protocols = List.of(new Protocol(protocolName, saved.subscription()));
        this.assignment = saved.assignment();
    }

    /** A member that has been in a group of the other kind, and has something there. */
    GroupMember(String memberId, ConsumerGroupRecord.MemberMetadata member, ClassicMetadata classic, Bytes assignment) {
        this.memberId = memberId;
        this.groupInstanceId = member.instanceId();
        this.client = new ClientIdentity(member.clientId(), member.clientHost());
        this.sessionTimeoutMs = classic.sessionTimeoutMs();
        this.rebalanceTimeoutMs = member.rebalanceTimeoutMs();
        this.protocols = classic.supportedProtocols();
        this.assignment = assignment;
    }

    /** What the member says about itself may differ from one generation to the next. */
    void takeOver(JoinGroupRequest request) {
        protocols = request.protocols();
        sessionTimeoutMs = request.sessionTimeoutMs();
        rebalanceTimeoutMs = request.rebalanceTimeoutMs() < 0 ? sessionTimeoutMs : request.rebalanceTimeoutMs();
    }

    String memberId() {
        return memberId;
    }

    @Nullable
    String groupInstanceId() {
        return groupInstanceId;
    }

    boolean isStatic() {
        return groupInstanceId != null;
    }

    ClientIdentity client() {
        return client;
    }

    int sessionTimeoutMs() {
        return sessionTimeoutMs;
    }

    int rebalanceTimeoutMs() {
        return rebalanceTimeoutMs;
    }

    List<Protocol> protocols() {
        return protocols;
    }

    boolean supports(String protocolName) {
        return protocols.stream().anyMatch(protocol -> protocol.name().equals(protocolName));
    }

    /** What the member says under a protocol; nothing where it does not speak it. */
    Bytes metadata(@Nullable String protocolName) {
        return protocols.stream()
                .filter(protocol -> protocol.name().equals(protocolName))
                .map(Protocol::metadata)
                .findFirst()
                .orElse(Bytes.EMPTY);
    }

    Bytes assignment() {
        return assignment;
    }

    void assign(Bytes newAssignment) {
        assignment = newAssignment;
    }

    void onSignOfLife(long nowMs) {
        sessionDeadlineMs = nowMs + sessionTimeoutMs;
    }

    /** When the member counts as dead: never while it waits for an answer of ours. */
    long sessionDeadlineMs() {
        return isWaitingForJoin() || isWaitingForSync() ? Long.MAX_VALUE : sessionDeadlineMs;
    }

    boolean isWaitingForJoin() {
        return waitingJoin != null;
    }

    boolean isWaitingForSync() {
        return waitingSync != null;
    }

    CompletableFuture<JoinGroupResponse> awaitJoin() {
        answerJoin(JoinGroupResponse.error(ErrorCode.REBALANCE_IN_PROGRESS, memberId)); // of a request sent before
        waitingJoin = new CompletableFuture<>();
        return waitingJoin;
    }

    void answerJoin(JoinGroupResponse response) {
        CompletableFuture<JoinGroupResponse> waiting = waitingJoin;
        waitingJoin = null;
        if (waiting != null) {
            waiting.complete(response);
        }
    }

    CompletableFuture<SyncGroupResponse> awaitSync() {
        answerSync(SyncGroupResponse.error(ErrorCode.REBALANCE_IN_PROGRESS)); // of a request sent before
        waitingSync = new CompletableFuture<>();
        return waitingSync;
    }

    void answerSync(SyncGroupResponse response) {
        CompletableFuture<SyncGroupResponse> waiting = waitingSync;
        waitingSync = null;
        if (waiting != null) {
            waiting.complete(response);
        }
    }

    /** Answers what waits with an error, because the member is out or its coordinator is. */
    void refuse(ErrorCode error) {
        answerJoin(JoinGroupResponse.error(error, memberId));
        answerSync(SyncGroupResponse.error(error));
    }

    /**
     * The member as operators see it.
     *
     * @param protocolName of the generation; null during a rebalance
     */
    DescribeGroupsResponse.Member describe(@Nullable String protocolName, boolean withAssignment) {
        return new DescribeGroupsResponse.Member(
                memberId,
                groupInstanceId,
                client.clientId(),
                client.clientHost(),
                metadata(protocolName),
                withAssignment ? assignment : Bytes.EMPTY);
    }

    GroupRecord.MemberValue toRecord(@Nullable String protocolName) {
        return new GroupRecord.MemberValue(
                memberId,
                groupInstanceId,
                client.clientId(),
                client.clientHost(),
                rebalanceTimeoutMs,
                sessionTimeoutMs,
                metadata(protocolName),
                assignment);
    }
}
