package io.millrace.coordinator.group;

import io.millrace.coordinator.group.ConsumerHeartbeat.Refusal;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest;
import java.util.Optional;

/** What a heartbeat must say, whatever group it is for (KIP-848). */
final class ConsumerHeartbeatRules {
    private ConsumerHeartbeatRules() {}

    /** What is wrong with a heartbeat; empty where nothing is. */
    static Optional<Refusal> fault(ConsumerGroupHeartbeatRequest request) {
        if (request.groupId().isBlank()) {
            return invalid("GroupId can't be empty.");
        }
        if (isEmpty(request.instanceId())) {
            return invalid("InstanceId can't be empty.");
        }
        if (isEmpty(request.rackId())) {
            return invalid("RackId can't be empty.");
        }
        if (request.memberEpoch() == ConsumerGroupHeartbeatRequest.JOIN) {
            return faultOfJoin(request).or(() -> faultOfWishes(request));
        }
        if (request.memberId().isEmpty()) {
            return invalid("MemberId can't be empty.");
        }
        if (request.memberEpoch() < ConsumerGroupHeartbeatRequest.LEAVE_FOR_A_WHILE) {
            return invalid("MemberEpoch is " + request.memberEpoch() + ", but must be greater than or equal to -2.");
        }
        if (request.memberEpoch() == ConsumerGroupHeartbeatRequest.LEAVE_FOR_A_WHILE && request.instanceId() == null) {
            return invalid("InstanceId can't be null where the member epoch is -2.");
        }
        return faultOfWishes(request);
    }

    private static Optional<Refusal> faultOfJoin(ConsumerGroupHeartbeatRequest request) {
        if (request.rebalanceTimeoutMs() < 0) {
            return invalid("RebalanceTimeoutMs must be provided in first request.");
        }
        if (request.topicPartitions() == null || !request.topicPartitions().isEmpty()) {
            return invalid("TopicPartitions must be empty when (re-)joining.");
        }
        boolean wantsNothing = request.subscribedTopicNames() == null && isNullOrEmpty(request.subscribedTopicRegex());
        return wantsNothing
                ? invalid("Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.")
                : Optional.empty();
    }

    private static Optional<Refusal> faultOfWishes(ConsumerGroupHeartbeatRequest request) {
        String assignor = request.serverAssignor();
        if (assignor != null && TargetAssignor.named(assignor).isEmpty()) {
            return Optional.of(new Refusal(
                    ErrorCode.UNSUPPORTED_ASSIGNOR,
                    "ServerAssignor " + assignor + " is not supported. Supported assignors: "
                            + String.join(", ", TargetAssignor.NAMES) + "."));
        }
        String regex = request.subscribedTopicRegex();
        return regex == null
                ? Optional.empty()
                : ConsumerSubscriptions.fault(regex)
                        .map(fault -> new Refusal(ErrorCode.INVALID_REGULAR_EXPRESSION, fault));
    }

    private static boolean isEmpty(@org.jspecify.annotations.Nullable String text) {
        return text != null && text.isBlank();
    }

    private static boolean isNullOrEmpty(@org.jspecify.annotations.Nullable String text) {
        return text == null || text.isEmpty();
    }

    private static Optional<Refusal> invalid(String message) {
        return Optional.of(new Refusal(ErrorCode.INVALID_REQUEST, message));
    }
}
