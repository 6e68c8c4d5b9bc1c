package io.millrace.server.network;

import io.netty.buffer.ByteBuf;

/** What is done with the requests that arrive. */
public interface RequestReceiver {
    /**
     * Takes one request. Called on the connection's event loop, must not block, and completes the exchange once, now or later, on any
     * thread.
     *
     * @param frame without its length; taken over
     * @throws io.millrace.protocol.wire.MalformedMessageException if the bytes are not a request; the connection is closed
     */
    void receive(Exchange exchange, ByteBuf frame);
}
