package io.millrace.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A coordinator with one classic group, whose log takes everything at once. */
final class ClassicGroupFixture {
    static final String GROUP = "billing";
    static final int SESSION_MS = 10_000;
    static final int REBALANCE_MS = 30_000;
    static final int INITIAL_DELAY_MS = 500;
    static final short OLD = 3;
    static final short NEW = 9;

    private final List<GroupRecord> log = new ArrayList<>();
    private long now = 1_000;
    private Groups groups = newGroups();

    Groups groups() {
        return groups;
    }

    long nowMs() {
        return now;
    }

    private Groups newGroups() {
        var suffixes = new AtomicInteger();
        return new Groups(
                new GroupConfiguration(
                        6_000, 60_000, INITIAL_DELAY_MS, 10, 4_096, 3_600_000, 600_000, Consumers.defaults()),
                () -> String.valueOf(suffixes.incrementAndGet()),
                () -> TopicCatalog.EMPTY);
    }

    JoinGroupResponse stableGroupOfOne() {
        return stable(join("", OLD));
    }

    JoinGroupResponse stable(CompletableFuture<JoinGroupResponse> join) {
        pass(INITIAL_DELAY_MS);
        JoinGroupResponse joined = answerOf(join);
        var synced = sync(joined, List.of(assignment(joined, 1)));
        assertThat(synced.getNow(null).errorCode()).isEqualTo(ErrorCode.NONE);
        return joined;
    }

    CompletableFuture<JoinGroupResponse> join(String memberId, short version) {
        return join(memberId, null, version, protocols("range", "roundrobin"));
    }

    CompletableFuture<JoinGroupResponse> join(
            String memberId, @Nullable String instanceId, short version, List<Protocol> protocols) {
        return join(
                new JoinGroupRequest(
                        GROUP, SESSION_MS, REBALANCE_MS, memberId, instanceId, "consumer", protocols, null),
                version);
    }

    CompletableFuture<JoinGroupResponse> join(JoinGroupRequest request, short version) {
        var outcome = groups.join(request, version, new ClientIdentity("client", "/127.0.0.1"), now);
        commit(outcome.records());
        return outcome.answer();
    }

    CompletableFuture<SyncGroupResponse> sync(JoinGroupResponse joined, List<SyncGroupRequest.Assignment> assignments) {
        var outcome = groups.sync(syncRequest(joined, assignments), now);
        commit(outcome.records());
        return outcome.answer();
    }

    void leave(String memberId) {
        commit(groups.leave(new LeaveGroupRequest(GROUP, memberId, List.of()), now)
                .records());
    }

    ErrorCode heartbeat(JoinGroupResponse joined) {
        var request = new HeartbeatRequest(GROUP, joined.generationId(), joined.memberId(), null);
        return groups.heartbeat(request, now).answer().errorCode();
    }

    ErrorCode commitError(OffsetCommitRequest request) {
        return groups.commitOffsets(request, NEW, now)
                .answer()
                .topics()
                .get(0)
                .partitions()
                .get(0)
                .errorCode();
    }

    long committedOffset() {
        var wanted = new OffsetFetchRequest.GroupTopic("orders", new UUID(0, 0), List.of(3));
        return groups.fetchOffsets(new OffsetFetchRequest.Group(GROUP, null, -1, List.of(wanted)), false)
                .topics()
                .get(0)
                .partitions()
                .get(0)
                .committedOffset();
    }

    /** Another coordinator goes on, with what the log says. */
    void takeOver() {
        groups = newGroups();
        log.stream().map(ClassicGroupFixture::throughBytes).forEach(groups::replay);
        groups.onLoaded(now);
    }

    void pass(long milliseconds) {
        now += milliseconds;
        commit(groups.expire(now).records());
    }

    void commit(List<GroupRecord> records) {
        log.addAll(records);
        records.forEach(appended -> groups.commit(appended, now));
    }

    GroupRecord.GroupValue lastSaved() {
        return ((GroupRecord.GroupSaved) log.get(log.size() - 1)).value();
    }

    private static GroupRecord throughBytes(GroupRecord logged) {
        var encoded = GroupRecordFormat.write(logged);
        return GroupRecordFormat.read(encoded.key(), encoded.value()).orElseThrow();
    }

    static JoinGroupResponse answerOf(CompletableFuture<JoinGroupResponse> join) {
        assertThat(join).isDone();
        return join.getNow(null);
    }

    static SyncGroupRequest syncRequest(JoinGroupResponse joined, List<SyncGroupRequest.Assignment> assignments) {
        return new SyncGroupRequest(GROUP, joined.generationId(), joined.memberId(), null, null, null, assignments);
    }

    static OffsetCommitRequest commitRequest(int generationId, String memberId, String metadata) {
        var partition = new OffsetCommitRequest.Partition(3, 42, 1, metadata);
        var topic = new OffsetCommitRequest.Topic("orders", new UUID(0, 0), List.of(partition));
        return new OffsetCommitRequest(GROUP, generationId, memberId, null, -1, List.of(topic));
    }

    static SyncGroupRequest.Assignment assignment(JoinGroupResponse joined, int content) {
        return new SyncGroupRequest.Assignment(joined.memberId(), bytes(content));
    }

    static List<Protocol> protocols(String... names) {
        return Arrays.stream(names).map(name -> new Protocol(name, bytes(9))).toList();
    }

    static Bytes bytes(int content) {
        return Bytes.copyOf(new byte[] {(byte) content});
    }
}
