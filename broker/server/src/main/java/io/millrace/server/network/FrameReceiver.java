package io.millrace.server.network;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;

/**
 * Chooses what a socket is read into: the frame that is being gathered, else a buffer of the size that reads had lately.
 *
 * <p>Owned by the connection's event loop. A frame handed out here is retained once more, since the reader of the socket releases what
 * it did not fill.
 */
@SuppressWarnings("deprecation") // Netty asks its transports for an ExtendedHandle and has no successor to it
final class FrameReceiver implements RecvByteBufAllocator {
    private static final int READ_BYTES_MIN = 512;
    private static final int READ_BYTES_FIRST = 2048;
    private static final int READ_BYTES_MAX = 64 * 1024;
    private static final RecvByteBufAllocator ADAPTIVE =
            new AdaptiveRecvByteBufAllocator(READ_BYTES_MIN, READ_BYTES_FIRST, READ_BYTES_MAX);

    private final FrameDecoder decoder;

    FrameReceiver(FrameDecoder decoder) {
        this.decoder = decoder;
    }

    @Override
    public Handle newHandle() {
        return new FrameHandle((ExtendedHandle) ADAPTIVE.newHandle());
    }

    private final class FrameHandle extends DelegatingHandle implements ExtendedHandle {
        private final ExtendedHandle adaptive;

        FrameHandle(ExtendedHandle adaptive) {
            super(adaptive);
            this.adaptive = adaptive;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            return decoder.isGathering() ? decoder.roomInFrame().retain() : adaptive.allocate(allocator);
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier mayHaveMore) {
            return adaptive.continueReading(mayHaveMore);
        }
    }
}
