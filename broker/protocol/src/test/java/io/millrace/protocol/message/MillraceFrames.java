package io.millrace.protocol.message;

import io.millrace.protocol.message.KafkaFrames.Kind;
import io.millrace.protocol.wire.OutgoingFrame;
import io.millrace.protocol.wire.Records;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;

/** Whole frames as this module writes and reads them. */
final class MillraceFrames {
    private MillraceFrames() {}

    /** Reads a frame, its length included, and leaves the reader index behind the message. */
    static Message read(Kind kind, ByteBuf frame) {
        frame.readInt();
        if (kind.request()) {
            RequestHeader header = RequestHeader.read(frame);
            return kind.api().readRequest(frame, header.apiVersion());
        }
        ResponseHeader.read(frame, kind.api(), kind.version());
        return kind.api().readResponse(frame, kind.version());
    }

    static byte[] write(Kind kind, Message message) {
        var allocator = UnpooledByteBufAllocator.DEFAULT;
        OutgoingFrame frame = kind.request()
                ? Frames.request(
                        allocator, kind.version(), KafkaFrames.CORRELATION_ID, KafkaFrames.CLIENT_ID, (Request) message)
                : Frames.response(allocator, kind.version(), KafkaFrames.CORRELATION_ID, (Response) message);
        return toBytesAndRelease(frame);
    }

    static byte[] toBytesAndRelease(OutgoingFrame frame) {
        ByteBuf whole = Unpooled.buffer(frame.sizeInBytes());
        try {
            for (Records part : frame.parts()) {
                whole.writeBytes(part.buffer(), part.buffer().readerIndex(), part.sizeInBytes());
            }
            return ByteBufUtil.getBytes(whole);
        } finally {
            whole.release();
            frame.release();
        }
    }
}
