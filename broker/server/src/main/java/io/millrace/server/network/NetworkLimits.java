package io.millrace.server.network;

/**
 * What the peers of a broker may ask of it.
 *
 * @param frameBytesMax a frame that claims more closes its connection
 * @param requestBytesMax memory of all requests that have arrived in part or are not answered yet
 * @param connectionRequestsMax unanswered requests above which a connection is not read
 * @param connectionBytesMax bytes of unanswered requests and unsent answers above which a connection is not read
 * @param receiveTimeoutMs a frame that takes longer from its first to its last byte closes its connection
 * @param idleMaxMs a connection on which nothing moves for longer is closed
 * @param connectionsMax connections at a time
 */
public record NetworkLimits(
        int frameBytesMax,
        long requestBytesMax,
        int connectionRequestsMax,
        long connectionBytesMax,
        long receiveTimeoutMs,
        long idleMaxMs,
        int connectionsMax) {}
