package io.millrace.server;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.network.Connection;
import io.millrace.client.network.EventLoops;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.DescribeGroupsRequest;
import io.millrace.protocol.message.DescribeGroupsResponse;
import io.millrace.protocol.message.FindCoordinatorRequest;
import io.millrace.protocol.message.FindCoordinatorResponse;
import io.millrace.protocol.message.HeartbeatRequest;
import io.millrace.protocol.message.HeartbeatResponse;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.message.JoinGroupResponse;
import io.millrace.protocol.message.ListGroupsRequest;
import io.millrace.protocol.message.ListGroupsResponse;
import io.millrace.protocol.message.OffsetCommitRequest;
import io.millrace.protocol.message.OffsetCommitResponse;
import io.millrace.protocol.message.OffsetFetchRequest;
import io.millrace.protocol.message.OffsetFetchResponse;
import io.millrace.protocol.message.Request;
import io.millrace.protocol.message.Response;
import io.millrace.protocol.message.SyncGroupRequest;
import io.millrace.protocol.message.SyncGroupResponse;
import io.millrace.protocol.wire.Bytes;
import io.netty.util.ResourceLeakDetector;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ten thousand groups of a few connections, some with a member: they are seen, though other clients do not read what they ask for, and there again after their broker was lost. */
@Timeout(120)
class ManyGroupsTest {
    private static final int GROUPS = 10_000;
    private static final int FIRST_WITH_MEMBER = 9_000;
    private static final Map<String, Long> STATES =
            Map.of("Empty", (long) FIRST_WITH_MEMBER, "Stable", (long) GROUPS - FIRST_WITH_MEMBER);
    private static final int CONNECTIONS = 4;
    private static final int SESSION_MS = 60_000;
    private static final int ROUND = 500;
    private static final int DEAF = 4;
    private static final int REQUESTS_OF_THE_DEAF = 20;

    /** Far above what they need, and far below what would harm a broker with a heap of a few hundred megabytes. */
    private static final long HEAP_BYTES_OF_A_GROUP_MAX = 16 * 1024;

    private static final ResourceLeakDetector.Level LEVEL = ResourceLeakDetector.getLevel();

    private final EventLoops loops = new EventLoops("groups", 1);
    private List<Connection> connections = List.of();

    /** What is asked for here fills answers with a hundred thousand fields; to note who wrote each would take longer than all the rest. */
    @BeforeAll
    static void watchSomeBuffersOnly() {
        ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.SIMPLE);
    }

    @AfterAll
    static void watchAllBuffersAgain() {
        ResourceLeakDetector.setLevel(LEVEL);
    }

    @Test
    void tenThousandGroupsAreThereAgainAfterTheirBrokerWasLost(@TempDir Path directory) throws Exception {
        try (var cluster = TestCluster.start(directory, 1, Map.of("group.initial.rebalance.delay.ms", "0"))) {
            cluster.createTopic("orders", 1, 1);
            connect(cluster.broker(1).port());
            TestCluster.waitUntil("groups have a coordinator", this::hasCoordinator);
            long heapBefore = heapBytes();

            commit();
            List<JoinGroupResponse> members = join();
            assertThat(states(this.<ListGroupsResponse>ask(new ListGroupsRequest(List.of(), List.of()))
                            .groups()))
                    .containsExactlyInAnyOrderEntriesOf(STATES);
            assertThat(described()).containsExactlyInAnyOrderEntriesOf(STATES);
            assertThat(heapBytes() - heapBefore)
                    .as("heap of %d groups", GROUPS)
                    .isLessThan(GROUPS * HEAP_BYTES_OF_A_GROUP_MAX);

            disturb(cluster.broker(1).port());

            cluster.abort(1);
            cluster.restart(1, 1);
            connect(cluster.broker(1).port());
            TestCluster.waitUntil("groups have a coordinator", this::hasCoordinator);

            checkCommits();
            checkMembers(members);
        } finally {
            loops.close(Duration.ofSeconds(5));
        }
    }

    private void connect(int port) throws Exception {
        var opened = new ArrayList<Connection>();
        for (int i = 0; i < CONNECTIONS; i++) {
            opened.add(Connection.connect(loops.group(), "127.0.0.1", port, "groups-" + i, Duration.ofSeconds(30))
                    .get(10, SECONDS));
        }
        connections = opened;
    }

    /** For all of them: each partition of their topic has its own, which loads by itself. */
    private boolean hasCoordinator() throws Exception {
        List<String> some =
                IntStream.range(0, 100).mapToObj(ManyGroupsTest::name).toList();
        FindCoordinatorResponse found = ask(new FindCoordinatorRequest("", FindCoordinatorRequest.GROUP, some));
        if (found.coordinators().stream()
                .anyMatch(coordinator -> coordinator.errorCode().isError())) {
            return false;
        }
        DescribeGroupsResponse described = ask(new DescribeGroupsRequest(some, false));
        return described.groups().stream()
                .noneMatch(group -> group.errorCode() == ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
                        || group.errorCode() == ErrorCode.NOT_COORDINATOR
                        || group.errorCode() == ErrorCode.COORDINATOR_NOT_AVAILABLE);
    }

    private void commit() throws Exception {
        List<OffsetCommitResponse> answers = askForAll(0, GROUPS, Short.MAX_VALUE, index -> {
            var partition = new OffsetCommitRequest.Partition(0, offset(index), -1, "");
            var topic = new OffsetCommitRequest.Topic("orders", new UUID(0, 0), List.of(partition));
            return new OffsetCommitRequest(name(index), -1, "", null, -1, List.of(topic));
        });
        assertThat(answers)
                .allMatch(answer -> answer.topics().get(0).partitions().get(0).errorCode() == ErrorCode.NONE);
    }

    /** A member for each of the last ones. */
    private List<JoinGroupResponse> join() throws Exception {
        List<JoinGroupResponse> joined = askForAll(FIRST_WITH_MEMBER, GROUPS, 3, index -> {
            var protocols = List.of(new JoinGroupRequest.Protocol("range", Bytes.copyOf(new byte[60])));
            return new JoinGroupRequest(name(index), SESSION_MS, SESSION_MS, "", null, "consumer", protocols, null);
        });
        assertThat(joined).allMatch(answer -> answer.errorCode() == ErrorCode.NONE);
        List<SyncGroupResponse> synced = askForAll(FIRST_WITH_MEMBER, GROUPS, 3, index -> {
            JoinGroupResponse member = joined.get(index - FIRST_WITH_MEMBER);
            var assignment = new SyncGroupRequest.Assignment(member.memberId(), Bytes.copyOf(new byte[60]));
            return new SyncGroupRequest(
                    name(index), member.generationId(), member.memberId(), null, null, null, List.of(assignment));
        });
        assertThat(synced).allMatch(answer -> answer.errorCode() == ErrorCode.NONE);
        return joined;
    }

    private Map<String, Long> described() throws Exception {
        var states = new HashMap<String, Long>();
        for (int from = 0; from < GROUPS; from += ROUND) {
            List<String> names = IntStream.range(from, from + ROUND)
                    .mapToObj(ManyGroupsTest::name)
                    .toList();
            DescribeGroupsResponse described = ask(new DescribeGroupsRequest(names, false));
            assertThat(described.groups())
                    .extracting(DescribeGroupsResponse.Group::groupId)
                    .containsExactlyElementsOf(names);
            described.groups().forEach(group -> states.merge(group.groupState(), 1L, Long::sum));
        }
        return states;
    }

    private static Map<String, Long> states(List<ListGroupsResponse.Group> groups) {
        assertThat(groups).extracting(ListGroupsResponse.Group::groupId).doesNotHaveDuplicates();
        return groups.stream()
                .collect(Collectors.groupingBy(ListGroupsResponse.Group::groupState, Collectors.counting()));
    }

    /** They ask for all groups again and again and never read what they get: whoever does is served as before. */
    private void disturb(int port) throws Exception {
        var deaf = new ArrayList<RawClient>();
        try {
            for (int i = 0; i < DEAF; i++) {
                var client = new RawClient(port);
                deaf.add(client);
                for (int request = 0; request < REQUESTS_OF_THE_DEAF; request++) {
                    client.send(4, new ListGroupsRequest(List.of(), List.of()));
                }
            }
            ListGroupsResponse listed = ask(new ListGroupsRequest(List.of(), List.of()));
            assertThat(listed.groups()).hasSize(GROUPS);
            assertThat(described()).hasSize(2);
        } finally {
            for (RawClient client : deaf) {
                client.close();
            }
        }
    }

    private void checkCommits() throws Exception {
        for (int from = 0; from < GROUPS; from += ROUND) {
            List<OffsetFetchRequest.Group> wanted = IntStream.range(from, from + ROUND)
                    .mapToObj(index -> new OffsetFetchRequest.Group(name(index), null, -1, null))
                    .toList();
            OffsetFetchResponse found = ask(new OffsetFetchRequest("", List.of(), wanted, true));
            for (int i = 0; i < ROUND; i++) {
                OffsetFetchResponse.Group group = found.groups().get(i);
                assertThat(group.groupId()).isEqualTo(name(from + i));
                assertThat(group.topics()).as("offsets of %s", group).hasSize(1);
                assertThat(group.topics().get(0).partitions().get(0).committedOffset())
                        .as("offset of %s", group.groupId())
                        .isEqualTo(offset(from + i));
            }
        }
    }

    private void checkMembers(List<JoinGroupResponse> members) throws Exception {
        List<HeartbeatResponse> answers = askForAll(FIRST_WITH_MEMBER, GROUPS, Short.MAX_VALUE, index -> {
            JoinGroupResponse member = members.get(index - FIRST_WITH_MEMBER);
            return new HeartbeatRequest(name(index), member.generationId(), member.memberId(), null);
        });
        assertThat(answers).allMatch(answer -> answer.errorCode() == ErrorCode.NONE);
    }

    private <R extends Response> R ask(Request request) throws Exception {
        return connections.get(0).<R>send(request, 9, Duration.ofSeconds(20)).get(20, SECONDS);
    }

    /** One request for each group, some hundreds at a time. */
    private <R extends Response> List<R> askForAll(int first, int end, int versionMax, IntFunction<Request> request)
            throws Exception {
        var answers = new ArrayList<R>();
        for (int from = first; from < end; from += ROUND) {
            List<CompletableFuture<R>> sent = IntStream.range(from, Math.min(end, from + ROUND))
                    .mapToObj(index -> connections
                            .get(index % CONNECTIONS)
                            .<R>send(request.apply(index), Math.min(versionMax, 9), Duration.ofSeconds(20)))
                    .toList();
            for (CompletableFuture<R> answer : sent) {
                answers.add(answer.get(20, SECONDS));
            }
        }
        return answers;
    }

    private static String name(int index) {
        return "group-" + index;
    }

    private static long offset(int index) {
        return 1_000L + index;
    }

    private static long heapBytes() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
