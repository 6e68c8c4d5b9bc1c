package io.millrace.server.network;

import io.millrace.protocol.wire.OutgoingFrame;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;

/**
 * Writes encoded answers to a channel, and knows whether its peer takes them.
 *
 * <p>Owned by the channel's event loop.
 */
final class AnswerWriter {
    private final Channel channel;

    AnswerWriter(Channel channel) {
        this.channel = channel;
    }

    /** Whether little of what was written waits for the peer, after another attempt to send it. */
    boolean takeMore() {
        if (!channel.isWritable()) {
            channel.flush();
        }
        return channel.isWritable();
    }

    /** Takes over the frame, whose last byte ends the exchange. It leaves with the next flush. */
    void write(OutgoingFrame frame, Exchange exchange) {
        int last = frame.parts().size() - 1;
        for (int i = 0; i < last; i++) {
            channel.write(OutgoingParts.message(frame.parts().get(i), channel.alloc()), channel.voidPromise());
        }
        ChannelPromise sent = channel.newPromise();
        sent.addListener(exchange);
        channel.write(OutgoingParts.message(frame.parts().get(last), channel.alloc()), sent);
    }
}
