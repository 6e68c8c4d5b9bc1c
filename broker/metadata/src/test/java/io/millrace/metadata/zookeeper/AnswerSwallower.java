package io.millrace.metadata.zookeeper;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stands between clients and a server, and when told to lets through what clients ask but nothing of what they are answered. */
final class AnswerSwallower implements AutoCloseable {
    private static final int BUFFER_BYTES = 64 * 1024;

    private final int serverPort;
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private volatile boolean swallows;
    private volatile CompletableFuture<Void> swallowed = new CompletableFuture<>();

    private AnswerSwallower(int serverPort) throws IOException {
        this.serverPort = serverPort;
    }

    static AnswerSwallower before(int serverPort) throws IOException {
        var swallower = new AnswerSwallower(serverPort);
        start(swallower::accept);
        return swallower;
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Swallows answers from now on; the future completes with the first of them. */
    CompletableFuture<Void> swallow() {
        swallowed = new CompletableFuture<>();
        swallows = true;
        return swallowed;
    }

    void letThrough() {
        swallows = false;
    }

    private static void start(Runnable work) {
        var thread = new Thread(work, "answer-swallower");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                var server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
                sockets.addAll(List.of(client, server));
                start(() -> copy(client, server, false));
                start(() -> copy(server, client, true));
            }
        } catch (IOException closed) { // by the test, or the server is gone
            close();
        }
    }

    private void copy(Socket from, Socket to, boolean isAnswer) {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[BUFFER_BYTES];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                if (isAnswer && swallows) {
                    swallowed.complete(null);
                } else {
                    out.write(buffer, 0, count);
                }
            }
        } catch (IOException ignored) { // one side has closed its connection, and so is the other
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException ignored) { // nothing is left to close
        }
    }
}
