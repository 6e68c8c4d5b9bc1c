package io.millrace.replication.controller;

/**
 * A broker's sign of life.
 *
 * @param wantsShutdown asks to be relieved of all leadership before it stops
 * @param disownsLeadership the broker found itself named leader when its process started and refuses to lead in that epoch: its log
 *     may not be what it was. The controller elects anew
 */
public record BrokerHeartbeat(int brokerId, long brokerEpoch, boolean wantsShutdown, boolean disownsLeadership) {}
