package io.millrace.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.ClusterClient;
import io.millrace.client.Producer;
import io.millrace.client.ProducerConfiguration;
import io.millrace.client.ProducerRecord;
import io.millrace.testkit.ProcessCluster;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Connections that mean no good, or know no better, against a broker process with a small heap. */
class BadInputIT {
    private static final int IDLE_CONNECTIONS = 5_000;
    private static final int CLOSED_MAX_MS = 20_000;
    private static final int FRAME_TIMEOUT_MS = 3_000;

    /** A timer that began anew with every byte would never end: the frame takes minutes at this pace. */
    private static final int TRICKLE_PAUSE_MS = 200;

    private static final Duration TRICKLE_MAX = Duration.ofMillis(3L * FRAME_TIMEOUT_MS);

    @TempDir
    static Path directory;

    private static ProcessCluster cluster;

    @BeforeAll
    static void start() {
        cluster = ProcessCluster.aCluster(directory)
                .brokers(1)
                .detectingLeaks()
                .with("request.receive.timeout.ms", Integer.toString(FRAME_TIMEOUT_MS))
                .start();
        cluster.createTopic("still-serving", 1, 1);
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
    }

    @Test
    void garbageClosesItsConnectionAndNothingElse() throws Exception {
        var random = new Random(1);
        for (int i = 0; i < 200; i++) {
            byte[] garbage = new byte[1 + random.nextInt(500)];
            random.nextBytes(garbage);
            try (Socket socket = connect()) {
                socket.getOutputStream()
                        .write(ByteBuffer.allocate(4 + garbage.length)
                                .putInt(garbage.length)
                                .put(garbage)
                                .array());
                awaitClosed(socket); // by the broker alone: this side is ready to send more
            }
        }

        assertServes();
    }

    @Test
    void aRequestOfAnApiThatDoesNotExistClosesItsConnection() throws Exception {
        try (Socket socket = connect()) {
            socket.getOutputStream()
                    .write(ByteBuffer.allocate(14)
                            .putInt(10)
                            .putShort((short) 9_999)
                            .putShort((short) 0)
                            .putInt(1)
                            .putShort((short) -1)
                            .array());
            awaitClosed(socket);
        }

        assertServes();
    }

    @Test
    void aFrameThatClaimsTwoGigabytesIsRefusedAtOnce() throws Exception {
        for (int size : new int[] {Integer.MAX_VALUE, Integer.MIN_VALUE, -1, 0}) {
            try (Socket socket = connect()) {
                socket.getOutputStream()
                        .write(ByteBuffer.allocate(4).putInt(size).array());
                awaitClosed(socket);
            }
        }

        assertServes();
    }

    @Test
    void aFrameThatNeverEndsIsGivenUp() throws Exception {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(ByteBuffer.allocate(4).putInt(1000).array());
            long started = System.nanoTime();
            socket.getOutputStream().write(1); // and nothing more
            awaitClosed(socket);
            assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(15));
        }

        assertServes();
    }

    @Test
    void aFrameThatTricklesInIsGivenUpThoughSomethingAlwaysComes() throws Exception {
        try (Socket socket = connect()) {
            socket.setSoTimeout(TRICKLE_PAUSE_MS);
            long started = System.nanoTime();
            socket.getOutputStream().write(ByteBuffer.allocate(4).putInt(1000).array());
            boolean isClosed = false;
            while (!isClosed && System.nanoTime() - started < TRICKLE_MAX.toNanos()) {
                isClosed = isClosedWithinPause(socket);
                if (!isClosed) {
                    isClosed = !isWritten(socket);
                }
            }

            assertThat(isClosed)
                    .as("closed within %s, with request.receive.timeout.ms=%d", TRICKLE_MAX, FRAME_TIMEOUT_MS)
                    .isTrue();
        }

        assertServes();
    }

    private static boolean isClosedWithinPause(Socket socket) throws IOException {
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException ignored) { // still open
            return false;
        } catch (SocketException reset) {
            return true;
        }
    }

    private static boolean isWritten(Socket socket) throws IOException {
        try {
            socket.getOutputStream().write(1);
            return true;
        } catch (SocketException closed) {
            return false;
        }
    }

    @Test
    void fiveThousandIdleConnectionsDisturbNobody() throws Exception {
        List<Socket> idle = new ArrayList<>();
        try {
            for (int i = 0; i < IDLE_CONNECTIONS; i++) {
                idle.add(connect());
            }
            assertServes();
            assertThat(cluster.isAlive(1)).isTrue();
        } finally {
            for (Socket socket : idle) {
                socket.close();
            }
        }

        assertServes();
    }

    private static Socket connect() throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), cluster.port(1));
        socket.setSoTimeout(CLOSED_MAX_MS);
        return socket;
    }

    /** The broker ends the connection; an answer before that is fine. */
    private static void awaitClosed(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        try {
            while (in.read() >= 0) {
                // an error answer is as good as none
            }
        } catch (SocketException reset) {
            assertThat(reset).hasMessageContaining("reset");
        }
    }

    private static void assertServes() throws InterruptedException, ExecutionException, TimeoutException {
        try (ClusterClient client = cluster.newClient();
                Producer producer = client.newProducer(ProducerConfiguration.defaults())) {
            long offset = producer.send(ProducerRecord.of("still-serving", null, "yes".getBytes(UTF_8)))
                    .get(10, TimeUnit.SECONDS)
                    .offset();
            assertThat(offset).isNotNegative();
        }
    }
}
