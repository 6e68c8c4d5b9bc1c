package io.millrace.replication.controller;

import io.millrace.metadata.Subscription;

/**
 * A subscription that is to be there.
 *
 * @param selector which messages belong to it; empty for all
 * @param replaces whether one of the same identity, without consumers as the asker knows, is changed: its selector where it has another one, the whole
 *     of it where it is one of another topic
 */
public record NewSubscription(
        String topicName,
        Subscription.Identity identity,
        boolean isShared,
        String selector,
        boolean noLocal,
        boolean replaces) {}
