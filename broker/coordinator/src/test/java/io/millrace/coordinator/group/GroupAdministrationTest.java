package io.millrace.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.Outcome;
import io.millrace.coordinator.group.GroupConfiguration.Consumers;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.DescribeGroupsResponse;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.message.JoinGroupResponse;
import io.millrace.protocol.message.LeaveGroupRequest;
import io.millrace.protocol.message.ListGroupsRequest;
import io.millrace.protocol.message.ListGroupsResponse;
import io.millrace.protocol.message.OffsetCommitRequest;
import io.millrace.protocol.message.OffsetDeleteRequest;
import io.millrace.protocol.message.OffsetFetchRequest;
import io.millrace.protocol.message.SyncGroupRequest;
import io.millrace.protocol.wire.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What operators see and do (KIP-222, KIP-496, KIP-518, KIP-1043), and what is forgotten by itself (KIP-211). */
class GroupAdministrationTest {
    private static final String GROUP = "billing";
    private static final String TOPIC = "orders";
    private static final String OTHER_TOPIC = "invoices";
    private static final int SESSION_MS = 10_000;
    private static final long RETENTION_MS = 3_600_000;
    private static final long CHECK_MS = 600_000;
    private static final short OLD = 3;
    private static final short NEWEST_DESCRIBE = 6;

    private final List<GroupRecord> log = new ArrayList<>();
    private long now = 1_000;
    private Groups groups = newGroups();

    @Test
    void aStableGroupIsShownWithItsMembers() {
        var member = stable("consumer", subscription(TOPIC));

        DescribeGroupsResponse.Group shown = groups.describe(GROUP, NEWEST_DESCRIBE);

        assertThat(shown.groupState()).isEqualTo("Stable");
        assertThat(shown.protocolType()).isEqualTo("consumer");
        assertThat(shown.protocolData()).isEqualTo("range");
        assertThat(shown.members())
                .containsExactly(new DescribeGroupsResponse.Member(
                        member.memberId(), null, "client", "/127.0.0.1", subscription(TOPIC), bytes(1)));
    }

    @Test
    void aRebalanceHidesSubscriptionsAndAssignments() {
        stable("consumer", subscription(TOPIC));
        join("consumer", subscription(TOPIC));

        DescribeGroupsResponse.Group shown = groups.describe(GROUP, NEWEST_DESCRIBE);

        assertThat(shown.groupState()).isEqualTo("PreparingRebalance");
        assertThat(shown.protocolData()).isEmpty();
        assertThat(shown.members()).hasSize(2).allMatch(member -> member.memberAssignment()
                .equals(Bytes.EMPTY));
    }

    @Test
    void aMissingGroupIsDeadForOldClientsAndMissingForNewOnes() {
        assertThat(groups.describe("nobody", (short) 5))
                .extracting(DescribeGroupsResponse.Group::errorCode, DescribeGroupsResponse.Group::groupState)
                .containsExactly(ErrorCode.NONE, "Dead");
        assertThat(groups.describe("nobody", NEWEST_DESCRIBE).errorCode()).isEqualTo(ErrorCode.GROUP_ID_NOT_FOUND);
        assertThat(groups.describe("nobody", NEWEST_DESCRIBE).errorMessage()).contains("nobody");
    }

    @Test
    void groupsAreListedByStateAndType() {
        stable("consumer", subscription(TOPIC));
        commitOffset("simple", TOPIC);

        assertThat(list(List.of(), List.of()))
                .containsExactlyInAnyOrder(
                        new ListGroupsResponse.Group(GROUP, "consumer", "Stable", "classic"),
                        new ListGroupsResponse.Group("simple", "", "Empty", "classic"));
        assertThat(list(List.of("stable", "DEAD"), List.of("Classic"))).hasSize(1);
        assertThat(list(List.of("empty"), List.of()))
                .extracting(ListGroupsResponse.Group::groupId)
                .containsExactly("simple");
        assertThat(list(List.of(), List.of("consumer"))).isEmpty();
    }

    @Test
    void onlyAGroupWithoutMembersCanBeDeleted() {
        var member = stable("consumer", subscription(TOPIC));
        assertThat(delete(GROUP)).isEqualTo(ErrorCode.NON_EMPTY_GROUP);
        leave(member);
        commitOffset(GROUP, TOPIC);

        assertThat(delete(GROUP)).isEqualTo(ErrorCode.NONE);

        assertThat(committedOffset(GROUP, TOPIC)).isEqualTo(-1);
        assertThat(list(List.of(), List.of())).isEmpty();
        assertThat(delete(GROUP)).isEqualTo(ErrorCode.GROUP_ID_NOT_FOUND);
        assertThat(delete("")).isEqualTo(ErrorCode.INVALID_GROUP_ID);
        takeOver();
        assertThat(list(List.of(), List.of())).isEmpty();
        assertThat(committedOffset(GROUP, TOPIC)).isEqualTo(-1);
    }

    @Test
    void aMemberThatJoinsWhileItsGroupIsBeingDeletedStays() {
        leave(stable("consumer", subscription(TOPIC)));
        Outcome<GroupRecord, GroupDeletion> deletion = groups.delete(GROUP);
        var join = join("consumer", subscription(TOPIC));

        commit(deletion.records());

        pass(500);
        assertThat(join.isDone()).isTrue();
        assertThat(groups.describe(GROUP, NEWEST_DESCRIBE).members()).hasSize(1);
    }

    @Test
    void offsetsOfTopicsThatAreReadCannotBeDeleted() {
        var member = stable("consumer", subscription(TOPIC));
        commitOffset(member, TOPIC);
        commitOffset(member, OTHER_TOPIC);

        var answer = deleteOffsets(GROUP, TOPIC, OTHER_TOPIC);

        assertThat(answer.errorCode()).isEqualTo(ErrorCode.NONE);
        assertThat(answer.topics())
                .flatExtracting("partitions")
                .extracting("errorCode")
                .containsExactly(ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC, ErrorCode.NONE);
        assertThat(committedOffset(GROUP, TOPIC)).isEqualTo(42);
        assertThat(committedOffset(GROUP, OTHER_TOPIC)).isEqualTo(-1);
        assertThat(deleteOffsets("nobody", TOPIC).errorCode()).isEqualTo(ErrorCode.GROUP_ID_NOT_FOUND);
    }

    @Test
    void offsetsOfAGroupThatConsumesNothingKnownAreKeptWhileItHasMembers() {
        stable("connect", bytes(7));

        assertThat(deleteOffsets(GROUP, TOPIC).errorCode()).isEqualTo(ErrorCode.NON_EMPTY_GROUP);
    }

    @Test
    void offsetsOfAnEmptyGroupAreForgottenWithIt() {
        var member = stable("consumer", subscription(TOPIC));
        commitOffset(member, TOPIC);
        leave(member);
        takeOver();

        passInSteps(RETENTION_MS - CHECK_MS);
        assertThat(committedOffset(GROUP, TOPIC)).isEqualTo(42);
        passInSteps(2 * CHECK_MS);

        assertThat(committedOffset(GROUP, TOPIC)).isEqualTo(-1);
        assertThat(list(List.of(), List.of())).isEmpty();
        takeOver();
        assertThat(list(List.of(), List.of())).isEmpty();
    }

    @Test
    void membersKeepTheOffsetsOfWhatTheyRead() {
        var member = stable("consumer", subscription(TOPIC));
        commitOffset(member, TOPIC);
        commitOffset(member, OTHER_TOPIC);
        groups.onLoaded(now);

        for (long passed = 0; passed <= RETENTION_MS + CHECK_MS; passed += SESSION_MS / 2) {
            pass(SESSION_MS / 2);
            groups.heartbeat(
                    new io.millrace.protocol.message.HeartbeatRequest(
                            GROUP, member.generationId(), member.memberId(), null),
                    now);
        }

        assertThat(committedOffset(GROUP, TOPIC)).isEqualTo(42);
        assertThat(committedOffset(GROUP, OTHER_TOPIC)).isEqualTo(-1);
    }

    @Test
    void offsetsWithoutAnyGroupAreForgottenByAge() {
        groups.onLoaded(now);
        commitOffset("simple", TOPIC);
        passInSteps(RETENTION_MS / 2);
        commitOffset("simple", OTHER_TOPIC);

        passInSteps(RETENTION_MS / 2 + CHECK_MS);

        assertThat(committedOffset("simple", TOPIC)).isEqualTo(-1);
        assertThat(committedOffset("simple", OTHER_TOPIC)).isEqualTo(42);
    }

    @Test
    void forgettingIsBoundedInOneRound() {
        groups.onLoaded(now);
        for (int i = 0; i < 3 * OffsetExpiry.RECORDS_MAX; i++) {
            commitOffset("simple-" + i, TOPIC);
        }
        now += RETENTION_MS + CHECK_MS;

        int first = groups.expire(now).records().size();

        assertThat(first).isBetween(OffsetExpiry.RECORDS_MAX, OffsetExpiry.RECORDS_MAX + 10);
        assertThat(groups.nextDeadlineMs() - now).isLessThan(CHECK_MS);
    }

    @Test
    void metadataThatIsNoSubscriptionIsNotTakenForOne() {
        assertThat(SubscriptionMetadata.topics(subscription("a", "b"))).contains(java.util.Set.of("a", "b"));
        assertThat(SubscriptionMetadata.topics(bytes(1))).isEmpty();
        assertThat(SubscriptionMetadata.topics(Bytes.copyOf(new byte[] {0, 1, 127, 0, 0, 0, 0, 1})))
                .isEmpty();
        assertThat(SubscriptionMetadata.topics(Bytes.copyOf(new byte[] {0, 1, 0, 0, 0, 1, 0, 9, 65})))
                .isEmpty();
    }

    private static Groups newGroups() {
        return new Groups(
                new GroupConfiguration(6_000, 60_000, 500, 10, 4_096, RETENTION_MS, CHECK_MS, Consumers.defaults()),
                () -> UUID.randomUUID().toString(),
                () -> TopicCatalog.EMPTY);
    }

    private void takeOver() {
        groups = newGroups();
        log.forEach(groups::replay);
        groups.onLoaded(now);
    }

    private java.util.concurrent.CompletableFuture<JoinGroupResponse> join(String protocolType, Bytes metadata) {
        var protocols = List.of(new JoinGroupRequest.Protocol("range", metadata));
        var request = new JoinGroupRequest(GROUP, SESSION_MS, 30_000, "", null, protocolType, protocols, null);
        var outcome = groups.join(request, OLD, new ClientIdentity("client", "/127.0.0.1"), now);
        commit(outcome.records());
        return outcome.answer();
    }

    private JoinGroupResponse stable(String protocolType, Bytes metadata) {
        var join = join(protocolType, metadata);
        pass(500);
        JoinGroupResponse joined = join.getNow(null);
        var assignment = new SyncGroupRequest.Assignment(joined.memberId(), bytes(1));
        var synced = groups.sync(
                new SyncGroupRequest(
                        GROUP, joined.generationId(), joined.memberId(), null, null, null, List.of(assignment)),
                now);
        commit(synced.records());
        assertThat(synced.answer().getNow(null).errorCode()).isEqualTo(ErrorCode.NONE);
        return joined;
    }

    private void leave(JoinGroupResponse member) {
        commit(groups.leave(new LeaveGroupRequest(GROUP, member.memberId(), List.of()), now)
                .records());
    }

    private void commitOffset(String groupId, String topic) {
        commitOffset(groupId, "", -1, topic);
    }

    private void commitOffset(JoinGroupResponse member, String topic) {
        commitOffset(GROUP, member.memberId(), member.generationId(), topic);
    }

    private void commitOffset(String groupId, String memberId, int generationId, String topic) {
        var partition = new OffsetCommitRequest.Partition(3, 42, 1, "m");
        var topics = List.of(new OffsetCommitRequest.Topic(topic, new UUID(0, 0), List.of(partition)));
        var outcome = groups.commitOffsets(
                new OffsetCommitRequest(groupId, generationId, memberId, null, -1, topics), (short) 9, now);
        assertThat(outcome.answer().topics().get(0).partitions().get(0).errorCode())
                .isEqualTo(ErrorCode.NONE);
        commit(outcome.records());
    }

    private long committedOffset(String groupId, String topic) {
        var wanted = new OffsetFetchRequest.GroupTopic(topic, new UUID(0, 0), List.of(3));
        return groups.fetchOffsets(new OffsetFetchRequest.Group(groupId, null, -1, List.of(wanted)), false)
                .topics()
                .get(0)
                .partitions()
                .get(0)
                .committedOffset();
    }

    private List<ListGroupsResponse.Group> list(List<String> states, List<String> types) {
        return groups.list(new ListGroupsRequest(states, types));
    }

    private ErrorCode delete(String groupId) {
        Outcome<GroupRecord, GroupDeletion> outcome = groups.delete(groupId);
        commit(outcome.records());
        return outcome.answer().error();
    }

    private io.millrace.protocol.message.OffsetDeleteResponse deleteOffsets(String groupId, String... topics) {
        var request = new OffsetDeleteRequest(
                groupId,
                java.util.Arrays.stream(topics)
                        .map(topic ->
                                new OffsetDeleteRequest.Topic(topic, List.of(new OffsetDeleteRequest.Partition(3))))
                        .toList());
        var outcome = groups.deleteOffsets(request);
        commit(outcome.records());
        return outcome.answer();
    }

    private void pass(long milliseconds) {
        now += milliseconds;
        commit(groups.expire(now).records());
    }

    private void passInSteps(long milliseconds) {
        for (long passed = 0; passed < milliseconds; passed += CHECK_MS) {
            pass(CHECK_MS);
        }
    }

    private void commit(List<GroupRecord> records) {
        log.addAll(records);
        records.forEach(appended -> groups.commit(appended, now));
    }

    /** Version 1, the topics, no user data, as Kafka's consumers send it. */
    private static Bytes subscription(String... topics) {
        var out = java.nio.ByteBuffer.allocate(1_000).putShort((short) 1).putInt(topics.length);
        for (String topic : topics) {
            out.putShort((short) topic.length()).put(topic.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }
        out.putInt(-1).putInt(0).flip();
        byte[] bytes = new byte[out.remaining()];
        out.get(bytes);
        return Bytes.consume(bytes);
    }

    private static Bytes bytes(int content) {
        return Bytes.copyOf(new byte[] {(byte) content});
    }
}
