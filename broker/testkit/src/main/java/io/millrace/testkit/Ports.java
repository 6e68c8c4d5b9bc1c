package io.millrace.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/** Ports on loopback. */
public final class Ports {
    private static final int FIRST = 10_000;
    private static final int END = firstPortOfConnections();
    /** Of processes that run tests at the same time, numbered from 1, each begins in a share of its own. */
    private static final int PROCESS = Integer.getInteger("millrace.test.process", 1);

    private static final int SHARE = (END - FIRST) / 4;
    private static final AtomicInteger NEXT =
            new AtomicInteger(PROCESS * SHARE + ThreadLocalRandom.current().nextInt(SHARE / 2));

    private Ports() {}

    /**
     * A port that nobody listened on just now, and that stays free for a server to be started or restarted on it: this process is given it once, and
     * the system gives it to no connection, as it may a port that it was asked for.
     */
    public static int free() {
        for (int tries = FIRST; tries < END; tries++) {
            int port = FIRST + Math.floorMod(NEXT.getAndIncrement(), END - FIRST);
            if (isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException("all ports of loopback from " + FIRST + " to " + (END - 1) + " are taken");
    }

    /** Where the ports begin that the system gives to connections. */
    private static int firstPortOfConnections() {
        Path range = Path.of("/proc/sys/net/ipv4/ip_local_port_range");
        if (!Files.isReadable(range)) {
            return 32_768; // no Linux; other systems begin at 49152
        }
        try {
            int first = Integer.parseInt(Files.readString(range).strip().split("\\s+", 2)[0]);
            return first > FIRST + 1_000 ? first : 65_536; // where connections get nearly all ports, none is safe
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + range, e);
        }
    }

    /** The port where it is free, or else another. */
    public static int preferably(int port) {
        return port > 0 && isFree(port) ? port : free();
    }

    public static boolean isFree(int port) {
        try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException ignored) { // taken
            return false;
        }
    }

    public static boolean isListening(int port) {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
            return true;
        } catch (IOException ignored) { // nobody there
            return false;
        }
    }
}
