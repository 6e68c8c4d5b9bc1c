package io.millrace.client;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest.TopicPartitions;
import io.millrace.protocol.message.ConsumerGroupHeartbeatResponse;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a member of a group knows of itself (KIP-848): its epoch, what it has, and what it is to have.
 *
 * <p>Not safe for use by several threads: its owner guards it. Every heartbeat tells all, so that one whose answer was lost can be sent again.
 *
 * <pre>
 *            answer                    fenced, unknown
 *   JOINING --------> MEMBER (epoch) ------------------> JOINING, with nothing
 *      |                 |
 *      +--- refused -----+------> REFUSED for good
 * </pre>
 */
final class GroupMembership {
    /** How long the group waits until this member has given up what it is to lose ({@code max.poll.interval.ms}). */
    private static final int REBALANCE_TIMEOUT_MS = 300_000;

    private static final long FIRST_INTERVAL_MS = 1000;

    private final String groupId;
    private final String memberId;
    private final List<String> topics;
    private int memberEpoch = ConsumerGroupHeartbeatRequest.JOIN;
    private long intervalMs = FIRST_INTERVAL_MS;
    private Map<UUID, Set<Integer>> owned = Map.of();
    private Map<UUID, Set<Integer>> target = Map.of();
    private int losses;
    private @Nullable ClientException refusal;

    GroupMembership(String groupId, String memberId, List<String> topics) {
        this.groupId = groupId;
        this.memberId = memberId;
        this.topics = List.copyOf(new TreeSet<>(topics));
    }

    ConsumerGroupHeartbeatRequest heartbeat() {
        return request(memberEpoch);
    }

    ConsumerGroupHeartbeatRequest farewell() {
        return request(ConsumerGroupHeartbeatRequest.LEAVE);
    }

    private ConsumerGroupHeartbeatRequest request(int epoch) {
        return new ConsumerGroupHeartbeatRequest(
                groupId,
                memberId,
                epoch,
                null,
                null,
                REBALANCE_TIMEOUT_MS,
                topics,
                null,
                null,
                owned.entrySet().stream()
                        .map(topic -> new TopicPartitions(topic.getKey(), List.copyOf(topic.getValue())))
                        .toList());
    }

    /** Takes over what the coordinator said. Whether there is something new to do: other partitions, or another beginning. */
    boolean onAnswer(ConsumerGroupHeartbeatResponse answer) {
        ErrorCode error = answer.errorCode();
        if (error == ErrorCode.FENCED_MEMBER_EPOCH || error == ErrorCode.UNKNOWN_MEMBER_ID) {
            memberEpoch = ConsumerGroupHeartbeatRequest.JOIN;
            owned = Map.of();
            target = Map.of();
            losses++;
            return true;
        }
        if (error.isError()) {
            refusal = new ClientException(error, reason(answer));
            return true;
        }
        memberEpoch = answer.memberEpoch();
        intervalMs = answer.heartbeatIntervalMs() > 0 ? answer.heartbeatIntervalMs() : intervalMs;
        if (answer.assignment() != null) {
            target = byTopic(answer.assignment().topicPartitions());
        }
        return !target.equals(owned);
    }

    /** A heartbeat could not be delivered. Whether it never will be. */
    boolean onFailure(ClientException failure) {
        if (failure.errorCode().isRetriable()) {
            return false;
        }
        refusal = failure;
        return true;
    }

    private String reason(ConsumerGroupHeartbeatResponse answer) {
        String said = Objects.requireNonNullElse(
                answer.errorMessage(), answer.errorCode().toString());
        return answer.errorCode() == ErrorCode.GROUP_ID_NOT_FOUND
                ? "Group \"" + groupId
                        + "\" has members that share partitions out among themselves, in the classic way,"
                        + " which this one cannot join; stop them, or use another group (" + said + ")"
                : "Group \"" + groupId + "\" does not accept this member: " + said;
    }

    private static Map<UUID, Set<Integer>> byTopic(List<TopicPartitions> partitions) {
        return partitions.stream()
                .collect(Collectors.toMap(
                        TopicPartitions::topicId,
                        topic -> new TreeSet<>(topic.partitions()),
                        (one, other) -> one,
                        TreeMap::new));
    }

    /** What this member has now; the coordinator learns it with the next heartbeat. Ignored where it has been lost meanwhile. */
    void own(Map<UUID, Set<Integer>> partitions, int lossesThen) {
        if (lossesThen == losses) {
            owned = partitions;
        }
    }

    /** What this member is to have. */
    Map<UUID, Set<Integer>> target() {
        return target;
    }

    /** How often this member has lost all it had: whatever was read before may be somebody else's by now. */
    int losses() {
        return losses;
    }

    /** Why the group will not have this member; null where it has. */
    @Nullable
    ClientException refusal() {
        return refusal;
    }

    boolean isMember() {
        return memberEpoch > 0;
    }

    GroupOffsets.Sender sender() {
        return new GroupOffsets.Sender(memberId, memberEpoch);
    }

    /** When the next heartbeat is due after the last one. */
    long intervalMs() {
        return intervalMs;
    }
}
