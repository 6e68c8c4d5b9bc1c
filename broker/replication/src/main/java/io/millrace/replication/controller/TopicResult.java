package io.millrace.replication.controller;

import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import java.util.Optional;

/**
 * The controller's answer to a change of a topic.
 *
 * @param message for people: what was wrong, with which value, and what would be right; empty on success
 * @param topic as it is, or would be, after the change; before it where it was deleted; empty on failure
 */
public record TopicResult(ErrorCode errorCode, String message, Optional<TopicImage> topic) {
    public static TopicResult refused(ErrorCode errorCode, String message) {
        return new TopicResult(errorCode, message, Optional.empty());
    }

    public static TopicResult of(TopicImage topic) {
        return new TopicResult(ErrorCode.NONE, "", Optional.of(topic));
    }
}
