package io.millrace.server.network;

/**
 * How sockets are set up.
 *
 * @param sendBufferBytes 0 or less: the operating system decides
 * @param receiveBufferBytes 0 or less: the operating system decides
 */
public record SocketOptions(int backlog, int sendBufferBytes, int receiveBufferBytes) {}
