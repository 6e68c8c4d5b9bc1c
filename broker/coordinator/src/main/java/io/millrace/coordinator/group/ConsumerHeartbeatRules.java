package io.millrace.coordinator.group;

import io.millrace.coordinator.group.ConsumerHeartbeat.Refusal;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a heartbeat must say, whatever group it is for (KIP-848). */
final class ConsumerHeartbeatRules {
    private ConsumerHeartbeatRules() {}

    /** What is wrong with a heartbeat; empty where nothing is. */
    static Optional<Refusal> fault(ConsumerGroupHeartbeatRequest request) {
        if (request.groupId().isBlank()) {
            return invalid("The group id is empty; it must name a group");
        }
        if (isEmpty(request.instanceId())) {
            return invalid("The instance id is empty; a static member must have one, any other none");
        }
        if (isEmpty(request.rackId())) {
            return invalid("The rack is empty; name one, or none at all");
        }
        if (request.memberEpoch() == ConsumerGroupHeartbeatRequest.JOIN) {
            return faultOfJoin(request).or(() -> faultOfWishes(request));
        }
        if (request.memberId().isEmpty()) {
            return invalid("The member id is empty; only a member that joins may leave it out");
        }
        if (request.memberEpoch() < ConsumerGroupHeartbeatRequest.LEAVE_FOR_A_WHILE) {
            return invalid("The member epoch " + request.memberEpoch() + " means nothing; it must be -2 or higher");
        }
        if (request.memberEpoch() == ConsumerGroupHeartbeatRequest.LEAVE_FOR_A_WHILE && request.instanceId() == null) {
            return invalid("Only a static member leaves for a while (member epoch -2); this one has no instance id");
        }
        return faultOfWishes(request);
    }

    private static Optional<Refusal> faultOfJoin(ConsumerGroupHeartbeatRequest request) {
        if (request.rebalanceTimeoutMs() < 0) {
            return invalid(
                    "A member that joins must say its rebalance timeout, not " + request.rebalanceTimeoutMs() + " ms");
        }
        if (request.topicPartitions() == null || !request.topicPartitions().isEmpty()) {
            return invalid("A member that joins owns nothing yet; its list of partitions must be empty");
        }
        boolean wantsNothing = request.subscribedTopicNames() == null && isNullOrEmpty(request.subscribedTopicRegex());
        return wantsNothing
                ? invalid("A member that joins must subscribe to topics, by names or by a regular expression")
                : Optional.empty();
    }

    private static Optional<Refusal> faultOfWishes(ConsumerGroupHeartbeatRequest request) {
        String assignor = request.serverAssignor();
        if (assignor != null && TargetAssignor.named(assignor).isEmpty()) {
            return Optional.of(new Refusal(
                    ErrorCode.UNSUPPORTED_ASSIGNOR,
                    "There is no assignor '" + assignor + "' here; these are: "
                            + String.join(", ", TargetAssignor.NAMES)));
        }
        String regex = request.subscribedTopicRegex();
        return regex == null
                ? Optional.empty()
                : ConsumerSubscriptions.fault(regex)
                        .map(fault -> new Refusal(ErrorCode.INVALID_REGULAR_EXPRESSION, fault));
    }

    private static boolean isEmpty(@Nullable String text) {
        return text != null && text.isBlank();
    }

    private static boolean isNullOrEmpty(@Nullable String text) {
        return text == null || text.isEmpty();
    }

    private static Optional<Refusal> invalid(String message) {
        return Optional.of(new Refusal(ErrorCode.INVALID_REQUEST, message));
    }
}
