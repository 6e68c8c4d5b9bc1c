package io.millrace.replication.controller;

import io.millrace.metadata.Subscription;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import java.util.Optional;

/**
 * The controller's answer to a change of a subscription.
 *
 * @param message for people: what was wrong, with which value, and what would be right; empty on success
 * @param topic that has or had it; empty on failure
 * @param subscription as it is after the change, or was before its end; empty on failure
 */
public record SubscriptionResult(
        ErrorCode errorCode, String message, Optional<TopicImage> topic, Optional<Subscription> subscription) {
    public static SubscriptionResult refused(ErrorCode errorCode, String message) {
        return new SubscriptionResult(errorCode, message, Optional.empty(), Optional.empty());
    }

    static SubscriptionResult of(TopicImage topic, Subscription subscription) {
        return new SubscriptionResult(ErrorCode.NONE, "", Optional.of(topic), Optional.of(subscription));
    }
}
