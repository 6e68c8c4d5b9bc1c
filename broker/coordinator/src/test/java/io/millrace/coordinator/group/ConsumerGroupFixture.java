package io.millrace.coordinator.group;

import static java.nio.charset.StandardCharsets.UTF_8;

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

/** A coordinator with one consumer group, whose log takes everything at once and comes back as bytes. */
final class ConsumerGroupFixture {
    static final String GROUP = "billing";
    static final int SESSION_MS = 45_000;
    static final int REBALANCE_MS = 10_000;
    private static final short NEWEST_COMMIT = 10;

    private static final int GROUP_SIZE_MAX = 5;

    private Consumers rules;
    private final List<GroupRecord> log = new ArrayList<>();
    private final FakeTopics topics = new FakeTopics();
    private TopicCatalog catalog = topics.now();
    private long now = 1_000;
    private Groups groups;

    ConsumerGroupFixture() {
        this(GROUP_SIZE_MAX);
    }

    ConsumerGroupFixture(int groupSizeMax) {
        this.rules =
                new Consumers(SESSION_MS, 5_000, groupSizeMax, TargetAssignor.NAMES, MigrationPolicy.BIDIRECTIONAL);
        this.groups = newGroups();
    }

    Groups groups() {
        return groups;
    }

    long nowMs() {
        return now;
    }

    /** A member that is not there yet. */
    Member member(String memberId, String... names) {
        return new Member(memberId, names);
    }

    /** A member as Kafka's consumer is one: it says only what has changed, and does what it is told. */
    final class Member {
        private final String memberId;

        @Nullable
        List<String> names;

        @Nullable
        String regex;

        @Nullable
        String instanceId;

        @Nullable
        String assignor;

        int epoch;
        Set<String> owned = new HashSet<>();

        private Member(String memberId, String... names) {
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

    void settle(Member... members) {
        for (Member member : members) {
            member.join();
        }
        for (int i = 0; i < 3; i++) {
            for (Member member : members) {
                member.acknowledge();
            }
        }
    }

    Set<String> assigned(ConsumerGroupHeartbeatResponse answer) {
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

    JoinGroupResponse joinClassic() {
        var protocols = List.of(new JoinGroupRequest.Protocol("range", Bytes.EMPTY));
        var request = new JoinGroupRequest(GROUP, 10_000, 10_000, "", null, "consumer", protocols, null);
        var outcome = groups.join(request, (short) 9, new ClientIdentity("c", "h"), now);
        commit(outcome.records());
        return outcome.answer().getNow(null);
    }

    ErrorCode commit(String memberId, int epoch) {
        var partition = new OffsetCommitRequest.Partition(0, 42, 1, "m");
        var topic = new OffsetCommitRequest.Topic("orders", new UUID(0, 0), List.of(partition));
        var request = new OffsetCommitRequest(GROUP, epoch, memberId, null, -1, List.of(topic));
        var outcome = groups.commitOffsets(request, NEWEST_COMMIT, now);
        commit(outcome.records());
        return outcome.answer().topics().get(0).partitions().get(0).errorCode();
    }

    ErrorCode fetch(@Nullable String memberId, int epoch) {
        return groups.fetchOffsets(new OffsetFetchRequest.Group(GROUP, memberId, epoch, null), false)
                .errorCode();
    }

    void removeTopic(String name) {
        topics.remove(name);
        catalog = topics.now();
    }

    void topic(String name, int partitions) {
        topics.grow(name, partitions);
        catalog = topics.now();
    }

    private Groups newGroups() {
        return new Groups(
                new GroupConfiguration(6_000, 60_000, 500, 10, 4_096, 3_600_000, 600_000, Consumers.defaults()),
                groupId -> rules,
                () -> UUID.randomUUID().toString(),
                () -> catalog);
    }

    void migrate(MigrationPolicy policy) {
        rules = new Consumers(
                rules.sessionTimeoutMs(), rules.heartbeatIntervalMs(), rules.groupSizeMax(), rules.assignors(), policy);
    }

    /** The group is configured to have times of its own. */
    void configure(int sessionTimeoutMs, int heartbeatIntervalMs) {
        rules = rules.withTimes(sessionTimeoutMs, heartbeatIntervalMs);
    }

    void takeOver() {
        groups = newGroups();
        log.stream().map(GroupRecordFormat::write).forEach(encoded -> GroupRecordFormat.read(
                        encoded.key(), encoded.value())
                .ifPresent(groups::replay));
        groups.onLoaded(now);
    }

    void pass(long milliseconds) {
        now += milliseconds;
        commit(groups.expire(now).records());
    }

    /** What is decided meanwhile is not written. */
    void passAndRefuse(long milliseconds) {
        now += milliseconds;
        groups.onAppendFailed(groups.expire(now).records(), ErrorCode.COORDINATOR_NOT_AVAILABLE, now);
    }

    void commit(List<GroupRecord> records) {
        log.addAll(records);
        records.forEach(appended -> groups.commit(appended, now));
    }

    /** Topics whose ids follow from their names. */
    private static final class FakeTopics {
        private final Map<String, Integer> counts = new TreeMap<>();

        static UUID idOf(String name) {
            return UUID.nameUUIDFromBytes(name.getBytes(UTF_8));
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
