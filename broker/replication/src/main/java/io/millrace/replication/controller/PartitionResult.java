package io.millrace.replication.controller;

import io.millrace.protocol.ErrorCode;

/**
 * The controller's answer for one partition.
 *
 * @param message for people: what was wrong, with which value, and what would be right; empty on success
 */
public record PartitionResult(ErrorCode errorCode, String message) {
    public static final PartitionResult DONE = new PartitionResult(ErrorCode.NONE, "");
}
