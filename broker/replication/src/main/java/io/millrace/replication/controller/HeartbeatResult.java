package io.millrace.replication.controller;

import io.millrace.protocol.ErrorCode;

/**
 * The controller's answer to a heartbeat.
 *
 * @param fenced the broker leads nothing and is in no set of in-sync replicas until it is unfenced
 * @param mayShutdown everything that could be moved away has been
 */
public record HeartbeatResult(ErrorCode errorCode, boolean fenced, boolean mayShutdown) {
    public static HeartbeatResult refused(ErrorCode errorCode) {
        return new HeartbeatResult(errorCode, true, false);
    }
}
