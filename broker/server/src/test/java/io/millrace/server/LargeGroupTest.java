package io.millrace.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.network.Connection;
import io.millrace.client.network.EventLoops;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest.TopicPartitions;
import io.millrace.protocol.message.ConsumerGroupHeartbeatResponse;
import io.millrace.protocol.message.FindCoordinatorRequest;
import io.millrace.protocol.message.FindCoordinatorResponse;
import io.millrace.protocol.message.HeartbeatRequest;
import io.millrace.protocol.message.HeartbeatResponse;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.message.JoinGroupResponse;
import io.millrace.protocol.message.LeaveGroupRequest;
import io.millrace.protocol.message.LeaveGroupResponse;
import io.millrace.protocol.message.SyncGroupRequest;
import io.millrace.protocol.message.SyncGroupResponse;
import io.millrace.protocol.wire.Bytes;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A group of five hundred members, each with a connection of its own, that comes together, takes in another one and loses one. The times are printed; their
 * bound is far above what a quiet machine needs.
 */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LargeGroupTest {
    private static final int MEMBERS = 500;
    private static final int PARTITIONS = 1_000;
    private static final int SESSION_MS = 60_000;
    private static final Duration REBALANCE_MAX = Duration.ofSeconds(15);
    private static final int ROUNDS_MAX = 100;
    private static final JoinGroupResponse NOT_JOINED =
            new JoinGroupResponse(0, ErrorCode.NONE, -1, null, null, "nobody", false, "", List.of());

    private TestCluster cluster;
    private EventLoops loops;
    private String group = "";
    private final List<Connection> connections = new ArrayList<>();

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        cluster = TestCluster.start(directory, 1, Map.of("group.initial.rebalance.delay.ms", "1000"));
        cluster.createTopic("orders", PARTITIONS, 1);
    }

    @AfterAll
    void stop() throws Exception {
        cluster.close();
    }

    @BeforeEach
    void connect() throws Exception {
        loops = new EventLoops("members", 1);
        group = "group-" + UUID.randomUUID();
        int port = cluster.broker(1).port();
        List<CompletableFuture<Connection>> opened = Stream.generate(
                        () -> Connection.connect(loops.group(), "127.0.0.1", port, "member", Duration.ofSeconds(60)))
                .limit(MEMBERS + 1)
                .toList();
        for (CompletableFuture<Connection> connection : opened) {
            connections.add(connection.get(20, SECONDS));
        }
    }

    @AfterEach
    void disconnect() {
        connections.clear();
        loops.close(Duration.ofSeconds(5));
    }

    /** A member as it knows itself; who leads got the list of all. */
    private record Member(Connection connection, String memberId, JoinGroupResponse joined) {
        static Member stranger(Connection connection) {
            return new Member(connection, "", NOT_JOINED);
        }

        boolean leads() {
            return joined.leader().equals(memberId);
        }
    }

    @Test
    void ofTheClassicProtocol() throws Exception {
        awaitCoordinator();
        List<Member> members = timed(
                "classic: " + MEMBERS + " members come together",
                () -> rebalance(connections.subList(0, MEMBERS).stream()
                        .map(Member::stranger)
                        .toList()));
        assertThat(heartbeats(members)).containsOnly(ErrorCode.NONE);

        List<Member> more = timed("classic: another one joins", () -> {
            CompletableFuture<Member> joining = join(Member.stranger(connections.get(MEMBERS)));
            TestCluster.waitUntil(
                    "members learn of it", () -> heartbeats(members).contains(ErrorCode.REBALANCE_IN_PROGRESS));
            List<CompletableFuture<Member>> joins =
                    new ArrayList<>(members.stream().map(this::join).toList());
            joins.add(joining);
            return sync(all(joins));
        });
        assertThat(more).extracting(Member::memberId).doesNotHaveDuplicates().hasSize(MEMBERS + 1);
        assertThat(heartbeats(more)).containsOnly(ErrorCode.NONE);

        List<Member> rest = timed("classic: one leaves", () -> {
            leave(more.get(7));
            return rebalance(
                    more.stream().filter(member -> !member.equals(more.get(7))).toList());
        });
        assertThat(rest).hasSize(MEMBERS);
        assertThat(heartbeats(rest)).containsOnly(ErrorCode.NONE);
    }

    private List<Member> rebalance(List<Member> members) throws Exception {
        return sync(all(members.stream().map(this::join).toList()));
    }

    /** One without an id is given one, and asks again with it. */
    private CompletableFuture<Member> join(Member member) {
        var protocols = List.of(new JoinGroupRequest.Protocol("range", Bytes.copyOf(new byte[60])));
        var request = new JoinGroupRequest(
                group, SESSION_MS, SESSION_MS, member.memberId(), null, "consumer", protocols, null);
        return member.connection().<JoinGroupResponse>send(request).thenCompose(answer -> {
            var known = new Member(member.connection(), answer.memberId(), answer);
            if (answer.errorCode() == ErrorCode.MEMBER_ID_REQUIRED
                    && member.memberId().isEmpty()) {
                return join(known);
            }
            assertThat(answer.errorCode()).isEqualTo(ErrorCode.NONE);
            return CompletableFuture.completedFuture(known);
        });
    }

    /** Whoever leads hands out a number to each, and each gets its own. */
    private List<Member> sync(List<Member> members) throws Exception {
        Member leader = members.stream().filter(Member::leads).findFirst().orElseThrow();
        assertThat(leader.joined().members())
                .extracting(JoinGroupResponse.Member::memberId)
                .containsExactlyInAnyOrderElementsOf(
                        members.stream().map(Member::memberId).toList());
        List<CompletableFuture<SyncGroupResponse>> answers = members.stream()
                .map(member -> member.connection().<SyncGroupResponse>send(syncOf(member)))
                .toList();
        List<SyncGroupResponse> assigned = all(answers);
        for (int i = 0; i < members.size(); i++) {
            assertThat(assigned.get(i).errorCode()).isEqualTo(ErrorCode.NONE);
            assertThat(assigned.get(i).assignment())
                    .isEqualTo(assignmentOf(members.get(i).memberId()));
        }
        return members;
    }

    private SyncGroupRequest syncOf(Member member) {
        JoinGroupResponse joined = member.joined();
        List<SyncGroupRequest.Assignment> assignments = joined.members().stream()
                .map(one -> new SyncGroupRequest.Assignment(one.memberId(), assignmentOf(one.memberId())))
                .toList();
        return new SyncGroupRequest(
                group,
                joined.generationId(),
                member.memberId(),
                null,
                joined.protocolType(),
                joined.protocolName(),
                assignments);
    }

    private static Bytes assignmentOf(String memberId) {
        return Bytes.copyOf(memberId.getBytes(UTF_8));
    }

    private void leave(Member member) throws Exception {
        var left = new LeaveGroupRequest.Member(member.memberId(), null, null);
        LeaveGroupResponse answer = member.connection()
                .<LeaveGroupResponse>send(new LeaveGroupRequest(group, "", List.of(left)))
                .get(20, SECONDS);
        assertThat(answer.errorCode()).isEqualTo(ErrorCode.NONE);
        assertThat(answer.members()).allMatch(one -> one.errorCode() == ErrorCode.NONE);
    }

    private List<ErrorCode> heartbeats(List<Member> members) throws Exception {
        List<CompletableFuture<HeartbeatResponse>> answers = members.stream()
                .map(member -> member.connection()
                        .<HeartbeatResponse>send(
                                new HeartbeatRequest(group, member.joined().generationId(), member.memberId(), null)))
                .toList();
        return all(answers).stream().map(HeartbeatResponse::errorCode).toList();
    }

    @Test
    void ofTheConsumerProtocol() throws Exception {
        awaitCoordinator();
        List<AssignedMember> members = connections.stream()
                .limit(MEMBERS)
                .map(AssignedMember::new)
                .collect(Collectors.toCollection(ArrayList::new));
        timed("consumer: " + MEMBERS + " members come together", () -> settle(members));

        timed("consumer: another one joins", () -> {
            members.add(new AssignedMember(connections.get(MEMBERS)));
            return settle(members);
        });

        timed("consumer: one leaves", () -> {
            ConsumerGroupHeartbeatResponse left = members.remove(7).leave().get(20, SECONDS);
            assertThat(left.errorCode()).isEqualTo(ErrorCode.NONE);
            return settle(members);
        });
    }

    /** All send heartbeats until each has its share and nobody has another's. */
    private static int settle(List<AssignedMember> members) throws Exception {
        for (int round = 1; round <= ROUNDS_MAX; round++) {
            all(members.stream().map(AssignedMember::heartbeat).toList());
            Set<Integer> owned = new HashSet<>();
            boolean isDisjoint =
                    members.stream().allMatch(member -> member.owned.stream().allMatch(owned::add));
            assertThat(isDisjoint).as("nobody owns what another one owns").isTrue();
            boolean isFair = members.stream().allMatch(AssignedMember::hasItsShare);
            boolean isAgreed =
                    members.stream().mapToInt(member -> member.epoch).distinct().count() == 1;
            if (owned.size() == PARTITIONS && isFair && isAgreed) {
                System.out.println("after " + round + " heartbeats of each");
                return round;
            }
        }
        throw new AssertionError("the members have not what they should after " + ROUNDS_MAX + " heartbeats of each");
    }

    /** A member whose partitions the broker assigns. It takes and gives up at once what it is told to. */
    private final class AssignedMember {
        private final Connection connection;
        private final String memberId = UUID.randomUUID().toString();
        private int epoch = ConsumerGroupHeartbeatRequest.JOIN;
        private Set<Integer> owned = Set.of();
        private UUID topicId = new UUID(0, 0);

        AssignedMember(Connection connection) {
            this.connection = connection;
        }

        CompletableFuture<Void> heartbeat() {
            boolean joins = epoch == ConsumerGroupHeartbeatRequest.JOIN;
            List<TopicPartitions> has =
                    owned.isEmpty() ? List.of() : List.of(new TopicPartitions(topicId, List.copyOf(owned)));
            var request = new ConsumerGroupHeartbeatRequest(
                    group, memberId, epoch, null, null, SESSION_MS, joins ? List.of("orders") : null, null, null, has);
            return connection.<ConsumerGroupHeartbeatResponse>send(request).thenAccept(this::take);
        }

        private void take(ConsumerGroupHeartbeatResponse answer) {
            assertThat(answer.errorCode()).as(answer.errorMessage()).isEqualTo(ErrorCode.NONE);
            epoch = answer.memberEpoch();
            if (answer.assignment() != null) {
                var wanted = new HashSet<Integer>();
                answer.assignment().topicPartitions().forEach(topic -> {
                    topicId = topic.topicId();
                    wanted.addAll(topic.partitions());
                });
                owned = wanted;
            }
        }

        CompletableFuture<ConsumerGroupHeartbeatResponse> leave() {
            return connection.send(new ConsumerGroupHeartbeatRequest(
                    group, memberId, ConsumerGroupHeartbeatRequest.LEAVE, null, null, -1, null, null, null, null));
        }

        boolean hasItsShare() {
            return owned.size() == PARTITIONS / MEMBERS || owned.size() == PARTITIONS / MEMBERS - 1;
        }
    }

    private void awaitCoordinator() throws Exception {
        Connection connection = connections.get(0);
        TestCluster.waitUntil("the group has a coordinator", () -> {
            FindCoordinatorResponse found = connection
                    .<FindCoordinatorResponse>send(
                            new FindCoordinatorRequest("", FindCoordinatorRequest.GROUP, List.of(group)))
                    .get(20, SECONDS);
            HeartbeatResponse heard = connection
                    .<HeartbeatResponse>send(new HeartbeatRequest(group, 0, "nobody", null))
                    .get(20, SECONDS);
            return found.coordinators().stream()
                            .noneMatch(coordinator -> coordinator.errorCode().isError())
                    && heard.errorCode() == ErrorCode.UNKNOWN_MEMBER_ID;
        });
    }

    private static <R> List<R> all(List<CompletableFuture<R>> answers) throws Exception {
        var all = new ArrayList<R>();
        for (CompletableFuture<R> answer : answers) {
            all.add(answer.get(30, SECONDS));
        }
        return all;
    }

    private interface Task<R> {
        R run() throws Exception;
    }

    private static <R> R timed(String what, Task<R> task) throws Exception {
        long started = System.nanoTime();
        R result = task.run();
        var took = Duration.ofNanos(System.nanoTime() - started);
        System.out.println(what + ": " + took.toMillis() + " ms");
        assertThat(took).as(what).isLessThan(REBALANCE_MAX);
        return result;
    }
}
