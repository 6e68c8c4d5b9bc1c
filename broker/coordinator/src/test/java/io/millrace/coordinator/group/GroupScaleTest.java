package io.millrace.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.group.TargetAssignor.Situation;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.HeartbeatRequest;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.message.JoinGroupResponse;
import io.millrace.protocol.message.OffsetCommitRequest;
import io.millrace.protocol.message.SyncGroupRequest;
import io.millrace.protocol.message.SyncGroupResponse;
import io.millrace.protocol.wire.Bytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many groups, and groups of many: the bounds are far above what a quiet machine needs. */
@Timeout(30)
class GroupScaleTest {
    private static final int SESSION_MS = 10_000;
    private static final short OLD = 3;
    private static final short NEWEST_COMMIT = 10;

    private final Groups groups =
            new Groups(GroupConfiguration.defaults(), () -> UUID.randomUUID().toString(), () -> TopicCatalog.EMPTY);
    private long now = 1_000;

    @Test
    void tenThousandGroupsBecomeStableAndThenEmpty() {
        var joins = new ArrayList<CompletableFuture<JoinGroupResponse>>();
        for (int i = 0; i < 10_000; i++) {
            joins.add(join("group-" + i, ""));
        }

        pass(GroupConfiguration.defaults().initialRebalanceDelayMs());

        for (int i = 0; i < 10_000; i++) {
            JoinGroupResponse joined = joins.get(i).getNow(null);
            assertThat(sync("group-" + i, joined, List.of(joined)).getNow(null).errorCode())
                    .isEqualTo(ErrorCode.NONE);
        }
        assertThat(groups.list(new io.millrace.protocol.message.ListGroupsRequest(List.of("stable"), List.of())))
                .hasSize(10_000);
        assertThat(pass(SESSION_MS)).isLessThanOrEqualTo(Groups.EXPIRED_MAX);
        assertThat(groups.list(new io.millrace.protocol.message.ListGroupsRequest(List.of("empty"), List.of())))
                .hasSize(10_000);
    }

    @Test
    void aGroupOfFiveHundredMembersRebalances() {
        var joins = new ArrayList<CompletableFuture<JoinGroupResponse>>();
        for (int i = 0; i < 500; i++) {
            joins.add(join("billing", ""));
        }
        for (int i = 0; i < 100 && !joins.get(0).isDone(); i++) {
            pass(GroupConfiguration.defaults().initialRebalanceDelayMs());
        }
        List<JoinGroupResponse> first = answers(joins);
        syncAll(first);
        var newcomer = join("billing", "");
        assertThat(groups.heartbeat(
                                new HeartbeatRequest(
                                        "billing",
                                        first.get(0).generationId(),
                                        first.get(0).memberId(),
                                        null),
                                now)
                        .answer()
                        .errorCode())
                .isEqualTo(ErrorCode.REBALANCE_IN_PROGRESS);

        var again = new ArrayList<CompletableFuture<JoinGroupResponse>>();
        first.forEach(member -> again.add(join("billing", member.memberId())));
        again.add(newcomer);

        List<JoinGroupResponse> second = answers(again);
        assertThat(second)
                .hasSize(501)
                .allMatch(answer -> answer.generationId() == first.get(0).generationId() + 1);
        syncAll(second);
    }

    @Test
    void aConsumerGroupOfTwoHundredMembersRebalances() {
        var group = new ConsumerGroupFixture(200);
        group.topic("orders", 400);
        var members = new ArrayList<ConsumerGroupFixture.Member>();
        for (int i = 0; i < 200; i++) {
            var member = group.member("member-" + i);
            member.join();
            members.add(member);
        }

        for (int round = 0; round < 3; round++) {
            members.forEach(ConsumerGroupFixture.Member::acknowledge);
        }

        assertThat(members).allMatch(member -> member.owned.size() == 2);
        assertThat(group.groups().describe(ConsumerGroupFixture.GROUP).groupState())
                .isEqualTo("Stable");
    }

    @Test
    void aGroupWithManyOffsetsIsDeletedInParts() {
        for (int topic = 0; topic < 5; topic++) {
            var partitions = IntStream.range(0, 500)
                    .mapToObj(index -> new OffsetCommitRequest.Partition(index, 42, 1, ""))
                    .toList();
            var wanted = new OffsetCommitRequest.Topic("topic-" + topic, new UUID(0, 0), partitions);
            commit(groups.commitOffsets(
                            new OffsetCommitRequest("billing", -1, "", null, -1, List.of(wanted)), NEWEST_COMMIT, now)
                    .records());
        }

        var sizes = new ArrayList<Integer>();
        GroupDeletion deletion;
        do {
            var outcome = groups.delete("billing");
            commit(outcome.records());
            sizes.add(outcome.records().size());
            deletion = outcome.answer();
        } while (deletion.isPartial());

        assertThat(sizes).containsExactly(1_000, 1_000, 500);
        assertThat(deletion.error()).isEqualTo(ErrorCode.NONE);
        assertThat(groups.delete("billing").answer().error()).isEqualTo(ErrorCode.GROUP_ID_NOT_FOUND);
    }

    @Test
    void theUniformAssignorIsBalancedStickyAndQuick() {
        Map<UUID, Integer> counts = new HashMap<>();
        for (int i = 0; i < 20; i++) {
            counts.put(new UUID(0, i), 100);
        }
        Map<String, Set<UUID>> subscriptions = new HashMap<>();
        for (int i = 0; i < 300; i++) {
            subscriptions.put("member-" + i, counts.keySet());
        }
        var before = new UniformAssignor().assign(new Situation(subscriptions, counts, Map.of()));
        assertThat(before.values()).extracting(AssignedPartitions::size).allMatch(size -> size == 6 || size == 7);

        subscriptions.remove("member-7");
        var after = new UniformAssignor().assign(new Situation(subscriptions, counts, before));

        assertThat(after.values().stream().mapToInt(AssignedPartitions::size).sum())
                .isEqualTo(2_000);
        int kept = after.entrySet().stream()
                .mapToInt(member ->
                        member.getValue().and(before.get(member.getKey())).size())
                .sum();
        assertThat(kept).isGreaterThan(1_980);
    }

    @Test
    void membersWithOtherTopicsGetWhatOnlyTheyRead() {
        var shared = new UUID(0, 1);
        var own = new UUID(0, 2);
        var counts = Map.of(shared, 6, own, 6);
        var subscriptions = Map.of("a", Set.of(shared, own), "b", Set.of(shared));

        var uniform = new UniformAssignor()
                .assign(new Situation(
                        subscriptions,
                        counts,
                        Map.of(
                                "a",
                                AssignedPartitions.of(List.of(
                                        new io.millrace.protocol.message.ConsumerGroupHeartbeatRequest.TopicPartitions(
                                                shared, List.of(0, 1, 2, 3, 4, 5)))))));

        assertThat(uniform.get("a").topics().get(own)).hasSize(6);
        assertThat(uniform.get("b").topics().get(shared)).hasSize(6);
    }

    @Test
    void theRangeAssignorGivesNeighbours() {
        var topic = new UUID(0, 1);
        var subscriptions = Map.of("a", Set.of(topic), "b", Set.of(topic));

        var ranges = new RangeAssignor().assign(new Situation(subscriptions, Map.of(topic, 5), Map.of()));

        assertThat(ranges.get("a").topics().get(topic)).containsExactly(0, 1, 2);
        assertThat(ranges.get("b").topics().get(topic)).containsExactly(3, 4);
    }

    private CompletableFuture<JoinGroupResponse> join(String groupId, String memberId) {
        var protocols = List.of(new JoinGroupRequest.Protocol("range", Bytes.EMPTY));
        var request = new JoinGroupRequest(groupId, SESSION_MS, 30_000, memberId, null, "consumer", protocols, null);
        var outcome = groups.join(request, OLD, new ClientIdentity("client", "/127.0.0.1"), now);
        commit(outcome.records());
        return outcome.answer();
    }

    private void syncAll(List<JoinGroupResponse> members) {
        for (JoinGroupResponse member : members) {
            sync("billing", member, member.leader().equals(member.memberId()) ? members : List.of());
        }
    }

    private CompletableFuture<SyncGroupResponse> sync(
            String groupId, JoinGroupResponse member, List<JoinGroupResponse> assigned) {
        var assignments = assigned.stream()
                .map(one -> new SyncGroupRequest.Assignment(one.memberId(), Bytes.copyOf(new byte[] {1})))
                .toList();
        var outcome = groups.sync(
                new SyncGroupRequest(groupId, member.generationId(), member.memberId(), null, null, null, assignments),
                now);
        commit(outcome.records());
        return outcome.answer();
    }

    private static List<JoinGroupResponse> answers(List<CompletableFuture<JoinGroupResponse>> joins) {
        assertThat(joins).allMatch(CompletableFuture::isDone);
        return joins.stream().map(join -> join.getNow(null)).toList();
    }

    /** Returns how many records the greatest batch had. */
    private int pass(long milliseconds) {
        now += milliseconds;
        int greatest = 0;
        do {
            List<GroupRecord> records = groups.expire(now).records();
            greatest = Math.max(greatest, records.size());
            commit(records);
        } while (groups.nextDeadlineMs() <= now);
        return greatest;
    }

    private void commit(List<GroupRecord> records) {
        records.forEach(appended -> groups.commit(appended, now));
    }
}
