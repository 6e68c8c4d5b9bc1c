package io.millrace.server.network;

import static io.millrace.server.network.RawFrames.read;
import static io.millrace.server.network.RawFrames.send;
import static io.millrace.server.network.RawFrames.writeInPieces;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.wire.MalformedMessageException;
import io.millrace.protocol.wire.OutgoingFrame;
import io.millrace.protocol.wire.Records;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class NetworkServerTest {
    private static final int FRAME_MAX = 1 << 20;
    private static final NetworkLimits LIMITS =
            new NetworkLimits(FRAME_MAX, 64 << 20, 1000, 64 << 20, 60_000, 60_000, 10_000);

    private final EventLoopGroup loops = Transport.best().eventLoops(2, "test-network");
    private final BlockingQueue<Received> received = new LinkedBlockingQueue<>();
    private final List<Socket> sockets = new ArrayList<>();
    private NetworkServer server;
    private int port;

    private record Received(Exchange exchange, byte[] frame) {
        String text() {
            return new String(frame, US_ASCII);
        }

        void answer(String text) {
            exchange.answer(new BytesAnswer(text.getBytes(US_ASCII)));
        }
    }

    private record BytesAnswer(byte[] bytes) implements Answer {
        @Override
        public OutgoingFrame encode(ByteBufAllocator allocator) {
            ByteBuf buffer = allocator.buffer(Integer.BYTES + bytes.length);
            buffer.writeInt(bytes.length).writeBytes(bytes);
            return new OutgoingFrame(List.of(Records.of(buffer)), buffer.readableBytes());
        }

        @Override
        public void discard() {}
    }

    /** Begins and ends with its name, and counts how many of them hold memory. */
    private record LargeAnswer(byte name, AtomicInteger encoded) implements Answer {
        static final int BYTES = 1 << 20;

        @Override
        public OutgoingFrame encode(ByteBufAllocator allocator) {
            encoded.incrementAndGet();
            byte[] bytes = new byte[BYTES];
            Arrays.fill(bytes, name);
            return new BytesAnswer(bytes).encode(allocator);
        }

        @Override
        public void discard() {}
    }

    @AfterEach
    void stop() throws Exception {
        for (Socket socket : sockets) {
            socket.close();
        }
        server.close();
        loops.shutdownGracefully(0, 5, SECONDS).await(10, SECONDS);
    }

    @Test
    void framesArriveWholeHoweverTheirBytesAreCut() throws Exception {
        start(LIMITS, this::echo);
        var client = connect();
        long seed = System.nanoTime();
        var random = new Random(seed);
        byte[][] frames = new byte[60][];
        for (int i = 0; i < frames.length; i++) {
            frames[i] = new byte[i % 10 == 9 ? random.nextInt(600_000) : random.nextInt(300)];
            random.nextBytes(frames[i]);
        }

        var writer = writeInPieces(client, frames, random);

        for (byte[] frame : frames) {
            assertThat(read(client)).as("seed %d", seed).isEqualTo(frame);
        }
        writer.join(10_000);
        waitUntil(() -> server.requestBytesHeld() == 0);
    }

    @Test
    void answersLeaveInTheOrderOfTheirRequests() throws Exception {
        start(LIMITS, this::keep);
        var client = connect();
        for (int i = 0; i < 50; i++) {
            send(client, ("request " + i).getBytes(US_ASCII));
        }
        var requests = new ArrayList<Received>();
        for (int i = 0; i < 50; i++) {
            requests.add(received.poll(10, SECONDS));
        }
        long seed = System.nanoTime();
        var shuffled = new ArrayList<>(requests);
        java.util.Collections.shuffle(shuffled, new Random(seed));

        shuffled.forEach(request -> request.answer("answer to " + request.text()));

        for (int i = 0; i < 50; i++) {
            assertThat(new String(read(client), US_ASCII)).as("seed %d", seed).isEqualTo("answer to request " + i);
        }
    }

    @Test
    void anExchangeThatEndsSilentlyLetsTheNextAnswerPass() throws Exception {
        start(LIMITS, this::keep);
        var client = connect();
        send(client, "quiet".getBytes(US_ASCII));
        send(client, "loud".getBytes(US_ASCII));
        var quiet = received.poll(10, SECONDS);
        var loud = received.poll(10, SECONDS);

        loud.answer("here");
        quiet.exchange().endSilently();

        assertThat(new String(read(client), US_ASCII)).isEqualTo("here");
    }

    @Test
    void aFailedExchangeClosesItsConnection() throws Exception {
        start(LIMITS, this::keep);
        var client = connect();
        send(client, "bad".getBytes(US_ASCII));

        received.poll(10, SECONDS).exchange().fail();

        assertThat(isClosedByServer(client)).isTrue();
    }

    @Test
    void aFrameThatClaimsTwoGigabytesClosesItsConnectionAndCostsNoMemory() throws Exception {
        start(LIMITS, this::echo);
        var client = connect();

        new DataOutputStream(client.getOutputStream()).writeInt(Integer.MAX_VALUE);

        assertThat(isClosedByServer(client)).isTrue();
        assertThat(server.requestBytesHeld()).isZero();
        assertServes();
    }

    @Test
    void aNegativeLengthClosesItsConnection() throws Exception {
        start(LIMITS, this::echo);
        var client = connect();

        new DataOutputStream(client.getOutputStream()).writeInt(-1);

        assertThat(isClosedByServer(client)).isTrue();
        assertServes();
    }

    @Test
    void garbageClosesItsConnection() throws Exception {
        start(LIMITS, (exchange, frame) -> {
            frame.release();
            throw new MalformedMessageException("not a request");
        });
        var client = connect();

        send(client, "GET / HTTP/1.1".getBytes(US_ASCII));

        assertThat(isClosedByServer(client)).isTrue();
        waitUntil(() -> server.requestBytesHeld() == 0);
    }

    @Test
    void aLargeFrameHoldsMemoryOnlyAsItsBytesArrive() throws Exception {
        start(LIMITS, this::echo);
        var client = connect();
        var out = new DataOutputStream(client.getOutputStream());

        out.writeInt(FRAME_MAX);
        out.write(new byte[1000]);

        waitUntil(() -> server.requestBytesHeld() > 0);
        assertThat(server.requestBytesHeld()).isLessThan(100_000);
        client.close();
        waitUntil(() -> server.requestBytesHeld() == 0);
    }

    @Test
    void aRequestThatTakesTooLongClosesItsConnection() throws Exception {
        start(new NetworkLimits(FRAME_MAX, 64 << 20, 1000, 64 << 20, 200, 60_000, 100), this::echo);
        var client = connect();
        var out = new DataOutputStream(client.getOutputStream());

        out.writeInt(1000);
        out.write(new byte[10]);

        assertThat(isClosedByServer(client)).isTrue();
        waitUntil(() -> server.requestBytesHeld() == 0);
        assertServes();
    }

    @Test
    void halfALengthThatTakesTooLongClosesItsConnection() throws Exception {
        start(new NetworkLimits(FRAME_MAX, 64 << 20, 1000, 64 << 20, 200, 60_000, 100), this::echo);
        var client = connect();

        client.getOutputStream().write(new byte[2]);

        assertThat(isClosedByServer(client)).isTrue();
    }

    @Test
    void anIdleConnectionIsClosed() throws Exception {
        start(new NetworkLimits(FRAME_MAX, 64 << 20, 1000, 64 << 20, 60_000, 200, 100), this::echo);
        var client = connect();

        assertThat(isClosedByServer(client)).isTrue();
        waitUntil(() -> server.connectionCount() == 0);
    }

    @Test
    void aConnectionTooManyIsRefusedAndTheOthersStay() throws Exception {
        start(new NetworkLimits(FRAME_MAX, 64 << 20, 1000, 64 << 20, 60_000, 60_000, 2), this::echo);
        var first = connect();
        var second = connect();
        roundTrip(first);
        roundTrip(second);

        var third = connect();

        assertThat(isClosedByServer(third)).isTrue();
        roundTrip(first);
        roundTrip(second);
    }

    @Test
    void aConnectionIsNotReadAboveItsBoundOfRequests() throws Exception {
        start(new NetworkLimits(FRAME_MAX, 64 << 20, 10, 64 << 20, 60_000, 60_000, 100), this::keep);
        var client = connect();
        var all = new byte[30 * 5];
        for (int i = 0; i < 30; i++) {
            System.arraycopy(new byte[] {0, 0, 0, 1, (byte) ('a' + i)}, 0, all, 5 * i, 5);
        }

        client.getOutputStream().write(all);

        var requests = new ArrayList<Received>();
        for (int i = 0; i < 10; i++) {
            requests.add(received.poll(10, SECONDS));
        }
        assertThat(received.poll(100, java.util.concurrent.TimeUnit.MILLISECONDS))
                .isNull();
        for (int i = 0; i < 30; i++) {
            var request = i < 10 ? requests.get(i) : received.poll(10, SECONDS);
            request.answer(request.text());
            assertThat(read(client)).containsExactly('a' + i);
        }
    }

    @Test
    void answersOfAPeerThatDoesNotReadAreNotEncodedUntilItDoes() throws Exception {
        var encoded = new AtomicInteger();
        start(LIMITS, (exchange, frame) -> exchange.answer(new LargeAnswer(take(frame)[0], encoded)));
        var client = connect();
        for (int i = 0; i < 40; i++) {
            send(client, new byte[] {(byte) i});
        }

        waitUntil(() -> encoded.get() > 0 && server.requestBytesHeld() == 0);
        assertThat(encoded.get()).isLessThan(20); // some have gone into the buffers of the two sockets

        for (int i = 0; i < 40; i++) {
            byte[] answer = read(client);
            assertThat(answer.length).isEqualTo(LargeAnswer.BYTES);
            assertThat(answer[0]).isEqualTo((byte) i);
            assertThat(answer[answer.length - 1]).isEqualTo((byte) i);
        }
        assertThat(encoded).hasValue(40);
    }

    @Test
    void aConnectionIsNotReadWhileTheMemoryOfAllRequestsIsExhausted() throws Exception {
        start(new NetworkLimits(FRAME_MAX, 100_000, 1000, 64 << 20, 60_000, 60_000, 100), this::keep);
        var hungry = connect();
        send(hungry, new byte[100_001]);
        var first = received.poll(10, SECONDS);
        var other = connect();

        send(other, "passes".getBytes(US_ASCII)); // what was read at once with the bound passed is served
        var second = received.poll(10, SECONDS);
        send(other, "waits".getBytes(US_ASCII));

        assertThat(received.poll(100, java.util.concurrent.TimeUnit.MILLISECONDS))
                .isNull();
        first.answer("done");
        second.answer("done");
        assertThat(received.poll(10, SECONDS).text()).isEqualTo("waits");
    }

    @Test
    void manyIdleConnectionsLeaveRoomForABusyOne() throws Exception {
        start(LIMITS, this::echo);
        for (int i = 0; i < 1000; i++) {
            connect();
        }
        waitUntil(() -> server.connectionCount() == 1000);

        assertThat(server.requestBytesHeld()).isZero();
        assertServes();
    }

    @Test
    void theEndOfAConnectionIsTold() throws Exception {
        var ends = new LinkedBlockingQueue<Long>();
        start(LIMITS, (exchange, frame) -> {
            ServerConnection connection = exchange.connection();
            connection.onClose(() -> ends.add(connection.id()));
            echo(exchange, frame);
        });
        var client = connect();
        roundTrip(client);

        client.close();

        assertThat(ends.poll(10, SECONDS)).isEqualTo(1L);
    }

    @Test
    void whatIsAnsweredAfterTheConnectionHasEndedIsDiscarded() throws Exception {
        start(LIMITS, this::keep);
        var client = connect();
        send(client, "request".getBytes(US_ASCII));
        var request = received.poll(10, SECONDS);
        client.close();
        waitUntil(() -> !request.exchange().connection().isOpen());

        request.answer("too late");

        waitUntil(() -> server.requestBytesHeld() == 0);
    }

    private void start(NetworkLimits limits, RequestReceiver receiver) throws IOException {
        server = new NetworkServer(loops, limits, receiver);
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        port = server.listen(Transport.best(), address, new SocketOptions(2000, 0, 0));
    }

    private void echo(Exchange exchange, ByteBuf frame) {
        byte[] bytes = take(frame);
        exchange.answer(new BytesAnswer(bytes));
    }

    private void keep(Exchange exchange, ByteBuf frame) {
        received.add(new Received(exchange, take(frame)));
    }

    private static byte[] take(ByteBuf frame) {
        var bytes = new byte[frame.readableBytes()];
        frame.readBytes(bytes).release();
        return bytes;
    }

    private Socket connect() throws IOException {
        var socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(10_000);
        sockets.add(socket);
        return socket;
    }

    private static void roundTrip(Socket socket) throws IOException {
        send(socket, "ping".getBytes(US_ASCII));
        assertThat(new String(read(socket), US_ASCII)).isEqualTo("ping");
    }

    private void assertServes() throws IOException {
        roundTrip(connect());
    }

    private static boolean isClosedByServer(Socket socket) {
        try {
            return socket.getInputStream().read() < 0;
        } catch (java.net.SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true; // reset
        }
    }

    private static void waitUntil(BooleanSupplier condition) {
        long deadline = System.nanoTime() + SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("time is up").isLessThan(deadline);
            Thread.onSpinWait();
        }
    }
}
