package io.millrace.replication.controller;

import io.millrace.protocol.ErrorCode;
import java.util.Set;

/**
 * The controller's answer to a heartbeat.
 *
 * @param fenced the broker leads nothing and is in no set of in-sync replicas until it is unfenced
 * @param mayShutdown everything that could be moved away has been
 * @param fencedBrokers all that are registered and fenced; empty where the heartbeat was refused
 */
public record HeartbeatResult(ErrorCode errorCode, boolean fenced, boolean mayShutdown, Set<Integer> fencedBrokers) {
    public static HeartbeatResult refused(ErrorCode errorCode) {
        return new HeartbeatResult(errorCode, true, false, Set.of());
    }
}
