package io.millrace.coordinator.group;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.JoinGroupRequest;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who belongs to a classic group, in the order of their coming, and who is about to: those who were given an id and have
 * not come back with it yet.
 *
 * <p>Owned by the loop of its group. Invariant: every group instance id leads to a member.
 */
final class GroupMembers {
    private final Map<String, GroupMember> members = new LinkedHashMap<>();
    private final Map<String, String> memberIdOfInstance = new HashMap<>();
    private final Map<String, Long> expectedUntilMs = new HashMap<>();

    Collection<GroupMember> all() {
        return members.values();
    }

    boolean isEmpty() {
        return members.isEmpty();
    }

    /** Those included who are about to join. */
    int size() {
        return members.size() + expectedUntilMs.size();
    }

    @Nullable
    GroupMember member(String memberId) {
        return members.get(memberId);
    }

    @Nullable
    String memberIdOfInstance(String groupInstanceId) {
        return memberIdOfInstance.get(groupInstanceId);
    }

    /**
     * Whether a request is a member's.
     *
     * @return NONE where the member is known, and under its instance if it names one
     */
    ErrorCode check(@Nullable String groupInstanceId, String memberId) {
        if (groupInstanceId != null) {
            String current = memberIdOfInstance.get(groupInstanceId);
            if (current == null) {
                return ErrorCode.UNKNOWN_MEMBER_ID;
            }
            if (!current.equals(memberId)) {
                return ErrorCode.FENCED_INSTANCE_ID;
            }
        }
        return members.containsKey(memberId) ? ErrorCode.NONE : ErrorCode.UNKNOWN_MEMBER_ID;
    }

    void add(GroupMember member) {
        expectedUntilMs.remove(member.memberId());
        members.put(member.memberId(), member);
        String instanceId = member.groupInstanceId();
        if (instanceId != null) {
            memberIdOfInstance.put(instanceId, member.memberId());
        }
    }

    void remove(GroupMember member) {
        members.remove(member.memberId());
        String instanceId = member.groupInstanceId();
        if (instanceId != null) {
            memberIdOfInstance.remove(instanceId, member.memberId());
        }
    }

    void clear() {
        members.clear();
        memberIdOfInstance.clear();
    }

    // Those who are about to join.

    void expect(String memberId, long untilMs) {
        expectedUntilMs.put(memberId, untilMs);
    }

    boolean isExpected(String memberId) {
        return expectedUntilMs.containsKey(memberId);
    }

    boolean removeExpected(String memberId) {
        return expectedUntilMs.remove(memberId) != null;
    }

    void removeAllExpected() {
        expectedUntilMs.clear();
    }

    void expireExpected(long nowMs) {
        expectedUntilMs.values().removeIf(deadlineMs -> deadlineMs <= nowMs);
    }

    // What holds for all of them.

    /** Whether all who belong to the group, or are about to, wait for the next generation. */
    boolean areAllWaitingForJoin() {
        return expectedUntilMs.isEmpty() && members.values().stream().allMatch(GroupMember::isWaitingForJoin);
    }

    boolean isNoneWaitingForJoin() {
        return members.values().stream().noneMatch(GroupMember::isWaitingForJoin);
    }

    /** The longest that a member needs to join again. */
    int rebalanceTimeoutMs() {
        return members.values().stream()
                .mapToInt(GroupMember::rebalanceTimeoutMs)
                .max()
                .orElse(0);
    }

    /** When the first session or the first unused id ends; {@link Long#MAX_VALUE} for never. */
    long nextDeadlineMs() {
        long deadlineMs = expectedUntilMs.values().stream().min(Long::compare).orElse(Long.MAX_VALUE);
        for (GroupMember member : members.values()) {
            deadlineMs = Math.min(deadlineMs, member.sessionDeadlineMs());
        }
        return deadlineMs;
    }

    /** The topics that consumers read who speak the protocol; empty where one of them says something else. */
    Optional<Set<String>> subscribedTopics(@Nullable String protocolName) {
        Set<String> topics = new HashSet<>();
        for (GroupMember member : members.values()) {
            Optional<Set<String>> some = SubscriptionMetadata.topics(member.metadata(protocolName));
            if (some.isEmpty()) {
                return Optional.empty();
            }
            topics.addAll(some.get());
        }
        return Optional.of(topics);
    }

    /** Whether all others speak one of the protocols of whoever wants to join. */
    boolean shareProtocol(JoinGroupRequest request) {
        List<GroupMember> others = members.values().stream()
                .filter(member -> !isSame(member, request))
                .toList();
        return request.protocols().stream()
                .anyMatch(protocol -> others.stream().allMatch(member -> member.supports(protocol.name())));
    }

    private static boolean isSame(GroupMember member, JoinGroupRequest request) {
        return member.memberId().equals(request.memberId())
                || (member.isStatic() && Objects.equals(member.groupInstanceId(), request.groupInstanceId()));
    }

    /**
     * Of the protocols that all speak, the one that most prefer.
     *
     * @throws IllegalStateException where there is none, which {@link #shareProtocol} has to prevent
     */
    String electProtocol() {
        Map<String, Integer> votes = new LinkedHashMap<>();
        for (GroupMember voter : members.values()) {
            voter.protocols().stream()
                    .map(JoinGroupRequest.Protocol::name)
                    .filter(name -> members.values().stream().allMatch(member -> member.supports(name)))
                    .findFirst()
                    .ifPresent(name -> votes.merge(name, 1, Integer::sum));
        }
        return votes.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElseThrow(() -> new IllegalStateException("The members " + members.keySet()
                        + " have no protocol in common; the last should not have joined"));
    }
}
