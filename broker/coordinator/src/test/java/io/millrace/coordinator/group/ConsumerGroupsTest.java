package io.millrace.coordinator.group;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.Outcome;
import io.millrace.coordinator.group.GroupConfiguration.Consumers;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest.TopicPartitions;
import io.millrace.protocol.message.ConsumerGroupHeartbeatResponse;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.message.JoinGroupResponse;
import io.millrace.protocol.message.OffsetCommitRequest;
import io.millrace.protocol.message.OffsetFetchRequest;
import io.millrace.protocol.wire.Bytes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The life of a consumer group, by KIP-848. */
class ConsumerGroupsTest {
    private static final String GROUP = "billing";
    private static final int SESSION_MS = 45_000;
    private static final int REBALANCE_MS = 10_000;
    private static final short NEWEST_COMMIT = 10;

    private final List<GroupRecord> log = new ArrayList<>();
    private final FakeTopics topics = new FakeTopics();
    private TopicCatalog catalog = topics.now();
    private long now = 1_000;
    private Groups groups = newGroups();

    @Test
    void theFirstMemberGetsEverything() {
        topic("orders", 3);

        var answer = new Client("a").join();

        assertThat(answer.errorCode()).isEqualTo(ErrorCode.NONE);
        assertThat(answer.memberEpoch()).isEqualTo(1);
        assertThat(answer.heartbeatIntervalMs()).isEqualTo(5_000);
        assertThat(assigned(answer)).containsExactlyInAnyOrder("orders-0", "orders-1", "orders-2");
    }

    @Test
    void aMemberGivesUpWhatAnotherGetsBeforeThatOneHasIt() {
        topic("orders", 4);
        var first = new Client("a");
        first.join();
        var second = new Client("b");

        assertThat(second.join().memberEpoch()).isEqualTo(2);
        assertThat(second.owned).isEmpty();
        var asked = first.heartbeat();
        assertThat(asked.memberEpoch()).isEqualTo(1); // until it has given up what it has to
        assertThat(first.owned).hasSize(2);
        second.heartbeat();
        assertThat(second.owned).isEmpty();

        assertThat(first.acknowledge().memberEpoch()).isEqualTo(2);
        second.heartbeat();

        assertThat(first.owned).hasSize(2);
        assertThat(second.owned).hasSize(2).doesNotContainAnyElementsOf(first.owned);
        assertThat(groups.describe(GROUP).groupState()).isEqualTo("Stable");
    }

    @Test
    void aMemberThatDoesNotGiveUpInTimeIsOut() {
        topic("orders", 2);
        var first = new Client("a");
        first.join();
        var second = new Client("b");
        second.join();
        first.heartbeat();

        pass(REBALANCE_MS);

        assertThat(first.heartbeat().errorCode()).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
        second.heartbeat();
        assertThat(second.owned).hasSize(2);
    }

    @Test
    void aSilentMemberIsOutWhenItsSessionEnds() {
        topic("orders", 2);
        var first = new Client("a");
        first.join();
        pass(SESSION_MS - 1);
        assertThat(first.heartbeat().errorCode()).isEqualTo(ErrorCode.NONE);

        pass(SESSION_MS);

        assertThat(first.heartbeat().errorCode()).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
        assertThat(groups.describe(GROUP).groupState()).isEqualTo("Empty");
    }

    @Test
    void whatAMemberLeavesBehindGoesToOthers() {
        topic("orders", 4);
        var first = new Client("a");
        var second = new Client("b");
        settle(first, second);

        assertThat(second.leave(-1).memberEpoch()).isEqualTo(-1);
        first.heartbeat();

        assertThat(first.owned).hasSize(4);
    }

    @Test
    void topicsThatAreCreatedGrowOrGoAreAssignedAnew() {
        topic("orders", 2);
        var member = new Client("a", "orders", "invoices");
        member.join();
        topic("invoices", 1);
        member.heartbeat();
        assertThat(member.owned).containsExactlyInAnyOrder("orders-0", "orders-1", "invoices-0");

        topics.grow("orders", 3);
        catalog = topics.now();
        member.heartbeat();
        assertThat(member.owned).contains("orders-2");

        topics.remove("invoices");
        catalog = topics.now();
        member.heartbeat();
        member.acknowledge();
        assertThat(member.owned).containsExactlyInAnyOrder("orders-0", "orders-1", "orders-2");
    }

    @Test
    void changesOfOtherTopicsChangeNothing() {
        topic("orders", 2);
        var member = new Client("a");
        member.join();
        topic("elsewhere", 5);

        var answer = member.heartbeat();

        assertThat(answer.memberEpoch()).isEqualTo(1);
        assertThat(answer.assignment()).isNull();
    }

    @Test
    void aRegularExpressionFindsTopicsOfNowAndLater() {
        topic("orders-eu", 1);
        topic("invoices", 1);
        var member = new Client("a");
        member.regex = "orders-.*";
        member.names = null;
        member.join();
        assertThat(member.owned).containsExactly("orders-eu-0");

        topic("orders-us", 1);
        member.heartbeat();

        assertThat(member.owned).containsExactlyInAnyOrder("orders-eu-0", "orders-us-0");
    }

    @Test
    void anExpressionThatCannotBeUsedIsRefused() {
        var member = new Client("a");
        member.names = null;
        member.regex = "(unclosed";
        assertThat(member.join().errorCode()).isEqualTo(ErrorCode.INVALID_REGULAR_EXPRESSION);
        member.regex = "a".repeat(ConsumerSubscriptions.REGEX_LENGTH_MAX + 1);

        assertThat(member.join().errorCode()).isEqualTo(ErrorCode.INVALID_REGULAR_EXPRESSION);
        assertThat(groups.describe(GROUP).errorCode()).isEqualTo(ErrorCode.GROUP_ID_NOT_FOUND);
    }

    @Test
    void anExpressionThatTakesOthersForEverIsFast() {
        topic("a".repeat(200) + "!", 1);
        var member = new Client("a");
        member.names = null;
        member.regex = "(a*)*(a*)*(a*)*b";
        long began = System.nanoTime();

        member.join();

        assertThat(System.nanoTime() - began).isLessThan(2_000_000_000L);
    }

    @Test
    void whoDoesNotKnowItsEpochIsFenced() {
        topic("orders", 2);
        var member = new Client("a");
        member.join();

        member.epoch = 7;
        assertThat(member.heartbeat().errorCode()).isEqualTo(ErrorCode.FENCED_MEMBER_EPOCH);
        member.epoch = 0;
        assertThat(member.join().errorCode()).isEqualTo(ErrorCode.NONE);
        assertThat(member.owned).hasSize(2);
    }

    @Test
    void theEpochBeforeIsAcceptedWhereTheAnswerWasLost() {
        topic("orders", 2);
        var first = new Client("a");
        first.join();
        var second = new Client("b");
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
        var unknown = new Client("a");
        unknown.epoch = 3;
        assertThat(unknown.heartbeat().errorCode()).isEqualTo(ErrorCode.GROUP_ID_NOT_FOUND);
        topic("orders", 1);
        new Client("b").join();
        assertThat(unknown.heartbeat().errorCode()).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
        var odd = new Client("c");
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
        topic("orders", 1);
        for (int i = 0; i < 5; i++) {
            assertThat(new Client("m" + i).join().errorCode()).isEqualTo(ErrorCode.NONE);
        }

        assertThat(new Client("one-more").join().errorCode()).isEqualTo(ErrorCode.GROUP_MAX_SIZE_REACHED);
    }

    @Test
    void aStaticMemberThatComesBackHasWhatItHad() {
        topic("orders", 4);
        var before = new Client("a");
        before.instanceId = "one";
        var other = new Client("b");
        settle(before, other);
        Set<String> had = Set.copyOf(before.owned);
        assertThat(before.leave(-2).memberEpoch()).isEqualTo(-2);

        var after = new Client("c");
        after.instanceId = "one";
        var answer = after.join();

        assertThat(answer.errorCode()).isEqualTo(ErrorCode.NONE);
        assertThat(after.owned).isEqualTo(had);
        assertThat(other.heartbeat().assignment()).isNull();
        assertThat(before.heartbeat().errorCode()).isEqualTo(ErrorCode.FENCED_INSTANCE_ID);
    }

    @Test
    void anInstanceThatIsInUseIsNotGivenAway() {
        topic("orders", 1);
        var holder = new Client("a");
        holder.instanceId = "one";
        holder.join();
        var another = new Client("b");
        another.instanceId = "one";

        assertThat(another.join().errorCode()).isEqualTo(ErrorCode.UNRELEASED_INSTANCE_ID);
    }

    @Test
    void aStaticMemberThatDoesNotComeBackIsOut() {
        topic("orders", 2);
        var away = new Client("a");
        away.instanceId = "one";
        var other = new Client("b");
        settle(away, other);
        away.leave(-2);

        for (int i = 0; i < 10; i++) {
            pass(SESSION_MS / 9);
            other.heartbeat();
        }

        assertThat(other.owned).hasSize(2);
    }

    @Test
    void anotherCoordinatorGoesOnWithTheGroup() {
        topic("orders", 4);
        var first = new Client("a");
        var second = new Client("b");
        settle(first, second);
        Set<String> had = Set.copyOf(first.owned);

        takeOver();

        assertThat(first.heartbeat().errorCode()).isEqualTo(ErrorCode.NONE);
        assertThat(first.heartbeatInFull().memberEpoch()).isEqualTo(2);
        assertThat(first.owned).isEqualTo(had);
        assertThat(groups.describe(GROUP).groupState()).isEqualTo("Stable");
        assertThat(groups.describe(GROUP).members()).hasSize(2);
    }

    @Test
    void aRefusedAppendLeavesTheGroupAsItWas() {
        topic("orders", 4);
        var first = new Client("a");
        first.join();
        var second = new Client("b").request();
        Outcome<GroupRecord, ConsumerGroupHeartbeatResponse> outcome =
                groups.heartbeat(second, new ClientIdentity("c", "h"), now);

        groups.onAppendFailed(outcome.records(), ErrorCode.COORDINATOR_NOT_AVAILABLE, now);

        assertThat(first.heartbeat().memberEpoch()).isEqualTo(1);
        assertThat(first.owned).hasSize(4);
        assertThat(groups.describe(GROUP).members()).hasSize(1);
    }

    @Test
    void offsetsAreCommittedAndReadInTheMembersEpochOnly() {
        topic("orders", 1);
        var member = new Client("a");
        member.join();

        assertThat(commit("a", 1)).isEqualTo(ErrorCode.NONE);
        assertThat(commit("a", 0)).isEqualTo(ErrorCode.STALE_MEMBER_EPOCH);
        assertThat(commit("b", 1)).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
        assertThat(commit("", -1)).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
        assertThat(fetch("a", 1)).isEqualTo(ErrorCode.NONE);
        assertThat(fetch("a", 2)).isEqualTo(ErrorCode.STALE_MEMBER_EPOCH);
        assertThat(fetch(null, -1)).isEqualTo(ErrorCode.NONE);
        member.leave(-1);
        assertThat(commit("", -1)).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void anEmptyGroupMayChangeItsKind() {
        topic("orders", 1);
        var member = new Client("a");
        member.join();
        assertThat(joinClassic().errorCode()).isEqualTo(ErrorCode.INCONSISTENT_GROUP_PROTOCOL);
        member.leave(-1);

        assertThat(joinClassic().errorCode()).isEqualTo(ErrorCode.MEMBER_ID_REQUIRED);
        takeOver();
        assertThat(groups.describe(GROUP).errorCode()).isEqualTo(ErrorCode.GROUP_ID_NOT_FOUND);
        assertThat(member.join().errorCode()).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void anEmptyGroupCanBeDeleted() {
        topic("orders", 1);
        var member = new Client("a");
        member.join();
        assertThat(groups.delete(GROUP).answer()).isEqualTo(ErrorCode.NON_EMPTY_GROUP);
        member.leave(-1);

        var deletion = groups.delete(GROUP);
        commit(deletion.records());

        assertThat(deletion.answer()).isEqualTo(ErrorCode.NONE);
        assertThat(groups.describe(GROUP).errorCode()).isEqualTo(ErrorCode.GROUP_ID_NOT_FOUND);
        takeOver();
        assertThat(groups.describe(GROUP).errorCode()).isEqualTo(ErrorCode.GROUP_ID_NOT_FOUND);
    }

    @Test
    void nobodyEverHasAPartitionThatAnotherHas() {
        long seed = System.nanoTime();
        var random = new java.util.Random(seed);
        topic("orders", 7);
        topic("invoices", 3);
        var members = new ArrayList<Client>();
        for (int step = 0; step < 400; step++) {
            int what = random.nextInt(10);
            if (what == 0 && members.size() < 5) {
                var member = new Client("m" + step, "orders", "invoices");
                assertThat(member.join().errorCode()).as("seed " + seed).isEqualTo(ErrorCode.NONE);
                members.add(member);
            } else if (what == 1 && members.size() > 1) {
                members.remove(random.nextInt(members.size())).leave(-1);
            } else if (what == 2) {
                takeOver();
            } else if (!members.isEmpty()) {
                members.get(random.nextInt(members.size())).acknowledge();
            }
            var all = new ArrayList<String>();
            members.forEach(member -> all.addAll(member.owned));
            assertThat(new HashSet<>(all)).as("seed " + seed).hasSameSizeAs(all);
        }
        for (int round = 0; round < 5; round++) {
            members.forEach(Client::acknowledge);
        }
        assertThat(members.stream().mapToInt(member -> member.owned.size()).sum())
                .as("seed " + seed)
                .isEqualTo(members.isEmpty() ? 0 : 10);
    }

    /** A member as Kafka's consumer is one: it says only what has changed, and does what it is told. */
    private final class Client {
        private final String memberId;
        private @Nullable List<String> names;
        private @Nullable String regex;
        private @Nullable String instanceId;
        private @Nullable String assignor;
        private int epoch;
        private Set<String> owned = new HashSet<>();

        Client(String memberId, String... names) {
            this.memberId = memberId;
            this.names = names.length == 0 ? List.of("orders") : List.of(names);
        }

        ConsumerGroupHeartbeatRequest request() {
            return request(REBALANCE_MS, names, regex, toWire(owned));
        }

        private ConsumerGroupHeartbeatRequest request(
                int rebalanceMs,
                @Nullable List<String> saidNames,
                @Nullable String saidRegex,
                @Nullable List<TopicPartitions> saidOwned) {
            return new ConsumerGroupHeartbeatRequest(
                    GROUP, memberId, epoch, instanceId, null, rebalanceMs, saidNames, saidRegex, assignor, saidOwned);
        }

        ConsumerGroupHeartbeatResponse join() {
            epoch = 0;
            owned = new HashSet<>();
            return send(request());
        }

        ConsumerGroupHeartbeatResponse heartbeat() {
            return send(request(-1, null, null, null));
        }

        ConsumerGroupHeartbeatResponse heartbeatInFull() {
            return send(request());
        }

        /** Says what it owns now. */
        ConsumerGroupHeartbeatResponse acknowledge() {
            return send(request(-1, null, null, toWire(owned)));
        }

        ConsumerGroupHeartbeatResponse leave(int leaveEpoch) {
            epoch = leaveEpoch;
            return send(request(-1, null, null, null));
        }

        private ConsumerGroupHeartbeatResponse send(ConsumerGroupHeartbeatRequest request) {
            var outcome = groups.heartbeat(request, new ClientIdentity("client", "/127.0.0.1"), now);
            commit(outcome.records());
            var answer = outcome.answer();
            if (!answer.errorCode().isError()) {
                epoch = answer.memberEpoch();
                owned = answer.assignment() == null ? owned : assigned(answer);
            }
            return answer;
        }
    }

    private void settle(Client... members) {
        for (Client member : members) {
            member.join();
        }
        for (int i = 0; i < 3; i++) {
            for (Client member : members) {
                member.acknowledge();
            }
        }
    }

    private Set<String> assigned(ConsumerGroupHeartbeatResponse answer) {
        Set<String> all = new HashSet<>();
        answer.assignment().topicPartitions().forEach(topic -> topic.partitions()
                .forEach(partition -> all.add(topics.nameOf(topic.topicId()) + "-" + partition)));
        return all;
    }

    private List<TopicPartitions> toWire(Set<String> owned) {
        Map<String, List<Integer>> byTopic = new TreeMap<>();
        owned.forEach(partition -> byTopic.computeIfAbsent(
                        partition.substring(0, partition.lastIndexOf('-')), name -> new ArrayList<>())
                .add(Integer.valueOf(partition.substring(partition.lastIndexOf('-') + 1))));
        return byTopic.entrySet().stream()
                .map(topic -> new TopicPartitions(FakeTopics.idOf(topic.getKey()), topic.getValue()))
                .toList();
    }

    private JoinGroupResponse joinClassic() {
        var protocols = List.of(new JoinGroupRequest.Protocol("range", Bytes.EMPTY));
        var request = new JoinGroupRequest(GROUP, 10_000, 10_000, "", null, "consumer", protocols, null);
        var outcome = groups.join(request, (short) 9, new ClientIdentity("c", "h"), now);
        commit(outcome.records());
        return outcome.answer().getNow(null);
    }

    private ErrorCode commit(String memberId, int epoch) {
        var partition = new OffsetCommitRequest.Partition(0, 42, 1, "m");
        var topic = new OffsetCommitRequest.Topic("orders", new UUID(0, 0), List.of(partition));
        var request = new OffsetCommitRequest(GROUP, epoch, memberId, null, -1, List.of(topic));
        var outcome = groups.commitOffsets(request, NEWEST_COMMIT, now);
        commit(outcome.records());
        return outcome.answer().topics().get(0).partitions().get(0).errorCode();
    }

    private ErrorCode fetch(@Nullable String memberId, int epoch) {
        return groups.fetchOffsets(new OffsetFetchRequest.Group(GROUP, memberId, epoch, null), false)
                .errorCode();
    }

    private void topic(String name, int partitions) {
        topics.grow(name, partitions);
        catalog = topics.now();
    }

    private Groups newGroups() {
        return new Groups(
                new GroupConfiguration(
                        6_000,
                        60_000,
                        500,
                        10,
                        4_096,
                        3_600_000,
                        600_000,
                        new Consumers(SESSION_MS, 5_000, 5, TargetAssignor.NAMES)),
                () -> UUID.randomUUID().toString(),
                () -> catalog);
    }

    private void takeOver() {
        groups = newGroups();
        log.stream().map(GroupRecordFormat::write).forEach(encoded -> GroupRecordFormat.read(
                        encoded.key(), encoded.value())
                .ifPresent(groups::replay));
        groups.onLoaded(now);
    }

    private void pass(long milliseconds) {
        now += milliseconds;
        commit(groups.expire(now).records());
    }

    private void commit(List<GroupRecord> records) {
        log.addAll(records);
        records.forEach(appended -> groups.commit(appended, now));
    }

    /** Topics whose ids follow from their names. */
    private static final class FakeTopics {
        private final Map<String, Integer> counts = new TreeMap<>();

        static UUID idOf(String name) {
            return UUID.nameUUIDFromBytes(name.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        }

        void grow(String name, int partitions) {
            counts.put(name, partitions);
        }

        void remove(String name) {
            counts.remove(name);
        }

        String nameOf(UUID topicId) {
            return counts.keySet().stream()
                    .filter(name -> idOf(name).equals(topicId))
                    .findFirst()
                    .orElse("gone");
        }

        TopicCatalog now() {
            Map<String, Integer> frozen = new TreeMap<>(counts);
            return new TopicCatalog() {
                @Override
                public Optional<Topic> topic(String name) {
                    return Optional.ofNullable(frozen.get(name)).map(count -> new Topic(idOf(name), name, count));
                }

                @Override
                public Optional<Topic> topic(UUID topicId) {
                    return frozen.keySet().stream()
                            .filter(name -> idOf(name).equals(topicId))
                            .findFirst()
                            .flatMap(this::topic);
                }

                @Override
                public Collection<String> names() {
                    return frozen.keySet();
                }
            };
        }
    }
}
