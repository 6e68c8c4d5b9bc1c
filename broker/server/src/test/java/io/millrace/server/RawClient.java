package io.millrace.server;

import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.Frames;
import io.millrace.protocol.message.Request;
import io.millrace.protocol.message.Response;
import io.millrace.protocol.message.ResponseHeader;
import io.millrace.protocol.wire.Records;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;

/** A client that says whatever a test wants, in any version. Owned by the test's thread. */
final class RawClient implements AutoCloseable {
    private static final int TIMEOUT_MS = 10_000;

    private final Socket socket;
    private int correlationId;

    RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(TIMEOUT_MS);
    }

    Response ask(int version, Request request) throws IOException {
        send(version, request);
        var in = new DataInputStream(socket.getInputStream());
        ByteBuf frame = Unpooled.wrappedBuffer(in.readNBytes(in.readInt()));
        ApiKey api = request.apiKey();
        ResponseHeader.read(frame, api, version);
        return api.readResponse(frame, version);
    }

    void send(int version, Request request) throws IOException {
        var frame = Frames.request(UnpooledByteBufAllocator.DEFAULT, version, ++correlationId, "raw", request);
        for (Records part : frame.parts()) {
            byte[] bytes = new byte[part.sizeInBytes()];
            part.buffer().getBytes(part.buffer().readerIndex(), bytes);
            socket.getOutputStream().write(bytes);
        }
        frame.release();
    }

    void sendRaw(byte[] frame) throws IOException {
        var out = Unpooled.buffer().writeInt(frame.length).writeBytes(frame);
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        socket.getOutputStream().write(bytes);
    }

    /** Whether the broker has closed the connection without a word. */
    boolean isClosedByBroker() throws IOException {
        return socket.getInputStream().read() < 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
