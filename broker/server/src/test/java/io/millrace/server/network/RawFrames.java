package io.millrace.server.network;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;

/** Frames on plain sockets, as a client writes and reads them that knows nothing but their lengths. */
final class RawFrames {
    private static final int SMALL_PIECE_MAX = 50;
    private static final int LARGE_PIECE_MAX = 100_000;

    private RawFrames() {}

    /** In one piece, so that a small frame arrives whole. */
    static void send(Socket socket, byte[] frame) throws IOException {
        socket.getOutputStream().write(framed(frame));
    }

    static byte[] read(Socket socket) throws IOException {
        var in = new DataInputStream(socket.getInputStream());
        return in.readNBytes(in.readInt());
    }

    /** Cuts the frames anywhere, on a thread of its own. */
    static Thread writeInPieces(Socket socket, byte[][] frames, Random random) {
        var bytes = new ByteArrayOutputStream();
        for (byte[] frame : frames) {
            bytes.writeBytes(framed(frame));
        }
        byte[] all = bytes.toByteArray();
        var writer = new Thread(() -> {
            try {
                for (int at = 0; at < all.length; ) {
                    int most = random.nextInt(8) == 0 ? LARGE_PIECE_MAX : SMALL_PIECE_MAX;
                    int piece = Math.min(all.length - at, 1 + random.nextInt(most));
                    socket.getOutputStream().write(Arrays.copyOfRange(all, at, at + piece));
                    at += piece;
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        writer.start();
        return writer;
    }

    private static byte[] framed(byte[] frame) {
        return ByteBuffer.allocate(Integer.BYTES + frame.length)
                .putInt(frame.length)
                .put(frame)
                .array();
    }
}
