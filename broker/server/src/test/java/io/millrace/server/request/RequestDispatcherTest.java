package io.millrace.server.request;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.SettingsScope;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ApiVersionsRequest;
import io.millrace.protocol.message.ApiVersionsResponse;
import io.millrace.protocol.message.ApiVersionsResponse.ApiVersion;
import io.millrace.protocol.message.ApiVersionsResponse.FinalizedFeature;
import io.millrace.protocol.message.ApiVersionsResponse.SupportedFeature;
import io.millrace.protocol.message.BrokerHeartbeatRequest;
import io.millrace.protocol.message.BrokerHeartbeatResponse;
import io.millrace.protocol.message.Frames;
import io.millrace.protocol.message.InitProducerIdRequest;
import io.millrace.protocol.message.InitProducerIdResponse;
import io.millrace.protocol.message.Request;
import io.millrace.protocol.message.Response;
import io.millrace.protocol.message.ResponseHeader;
import io.millrace.protocol.wire.OutgoingFrame;
import io.millrace.server.network.NetworkLimits;
import io.millrace.server.network.NetworkServer;
import io.millrace.server.network.SocketOptions;
import io.millrace.server.network.Transport;
import io.millrace.server.quota.ClientQuotas;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RequestDispatcherTest {
    private static final int CORRELATION_ID = 4711;

    private final EventLoopGroup loops = Transport.best().eventLoops(1, "test-network");
    private final RequestHandlers handlers = new RequestHandlers();
    private final ClientQuotas quotas = new ClientQuotas(InstantSource.fixed(Instant.EPOCH));
    private final AtomicLong nanos = new AtomicLong();
    private final NetworkServer server = new NetworkServer(
            loops,
            new NetworkLimits(1 << 20, 1 << 26, 100, 1 << 26, 60_000, 60_000, 100),
            new RequestDispatcher(handlers, quotas, nanos::get));
    private Socket socket;

    @BeforeEach
    void start() throws IOException {
        handlers.add(ApiKey.API_VERSIONS, ApiVersionsRequest.class, new ApiVersionsHandler(handlers, 2));
        handlers.add(
                ApiKey.BROKER_HEARTBEAT,
                BrokerHeartbeatRequest.class,
                (context, request) -> CompletableFuture.completedFuture(
                        new BrokerHeartbeatResponse(ErrorCode.NONE, false, false, List.of())));
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        int port = server.listen(Transport.best(), address, new SocketOptions(10, 0, 0));
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(10_000);
    }

    @AfterEach
    void stop() throws Exception {
        socket.close();
        server.close();
        loops.shutdownGracefully(0, 5, SECONDS).await(10, SECONDS);
    }

    @Test
    void aForeignClientLearnsOfKafkasApisThatAreServedAndOfNoOthers() throws IOException {
        var response = (ApiVersionsResponse) ask(3, new ApiVersionsRequest("apache-kafka-java", "4.4.0", null, -1));

        assertThat(response.errorCode()).isEqualTo(ErrorCode.NONE);
        assertThat(response.apiKeys()).containsExactly(new ApiVersion(ApiKey.API_VERSIONS.id(), (short) 0, (short) 5));
        assertThat(response.supportedFeatures()).isEmpty(); // a least level of 0 is not for version 3
        assertThat(response.finalizedFeaturesEpoch()).isNotNegative();
        assertThat(response.finalizedFeatures())
                .containsExactly(new FinalizedFeature("transaction.version", (short) 2, (short) 2));
    }

    @Test
    void supportedFeaturesAreNamedFromVersionFourOn() throws IOException {
        var response = (ApiVersionsResponse) ask(4, new ApiVersionsRequest("apache-kafka-java", "4.4.0", null, -1));

        assertThat(response.supportedFeatures())
                .containsExactly(new SupportedFeature("transaction.version", (short) 0, (short) 2));
    }

    @Test
    void aClientOfOursLearnsOfOurApisToo() throws IOException {
        var response = (ApiVersionsResponse) ask(3, new ApiVersionsRequest("millrace", "0.1", null, -1));

        assertThat(response.apiKeys())
                .extracting(ApiVersion::apiKey)
                .containsExactly(ApiKey.API_VERSIONS.id(), ApiKey.BROKER_HEARTBEAT.id());
    }

    @Test
    void aSoftwareNameThatIsNotAllowedIsRefused() throws IOException {
        var response = (ApiVersionsResponse) ask(3, new ApiVersionsRequest("-evil-", "4.4.0", null, -1));

        assertThat(response.errorCode()).isEqualTo(ErrorCode.INVALID_REQUEST);
    }

    @Test
    void aVersionAboveOursIsAnsweredInVersionZeroWithTheRange() throws IOException {
        send(Unpooled.buffer()
                .writeShort(ApiKey.API_VERSIONS.id())
                .writeShort(99)
                .writeInt(CORRELATION_ID)
                .writeShort(-1)
                .writeBytes(new byte[] {0, 9, 9, 9}));

        var response = (ApiVersionsResponse) receive(ApiKey.API_VERSIONS, 0);

        assertThat(response.errorCode()).isEqualTo(ErrorCode.UNSUPPORTED_VERSION);
        assertThat(response.apiKeys()).containsExactly(new ApiVersion(ApiKey.API_VERSIONS.id(), (short) 0, (short) 5));
    }

    @Test
    void anApiWithoutAHandlerClosesTheConnection() throws IOException {
        send(1, new InitProducerIdRequest(null, 0, -1, (short) -1));

        assertThat(isClosed()).isTrue();
    }

    @Test
    void aVersionThatIsNotServedClosesTheConnection() throws IOException {
        send(Unpooled.buffer()
                .writeShort(ApiKey.BROKER_HEARTBEAT.id())
                .writeShort(7)
                .writeInt(CORRELATION_ID)
                .writeShort(-1));

        assertThat(isClosed()).isTrue();
    }

    @Test
    void bytesThatAreNoRequestCloseTheConnection() throws IOException {
        send(Unpooled.buffer().writeBytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes()));

        assertThat(isClosed()).isTrue();
    }

    @Test
    void aHandlerThatThrowsIsAnsweredForWithAnError() throws IOException {
        handlers.add(ApiKey.INIT_PRODUCER_ID, InitProducerIdRequest.class, (context, request) -> {
            throw new IllegalStateException("on purpose");
        });

        var response = (InitProducerIdResponse) ask(1, new InitProducerIdRequest(null, 0, -1, (short) -1));

        assertThat(response.errorCode()).isEqualTo(ErrorCode.UNKNOWN_SERVER_ERROR);
    }

    @Test
    void aRequestThatKeepsAThreadTooLongIsAnsweredWithTheTimeToWait() throws IOException {
        var client = new SettingsScope(Map.of(SettingsScope.CLIENT_ID, "test"));
        quotas.follow(ClusterImage.EMPTY.withSettings(Map.of(client, Map.of("request_percentage", "1"))));
        handlers.add(ApiKey.INIT_PRODUCER_ID, InitProducerIdRequest.class, (context, request) -> {
            nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(request.transactionTimeoutMs()));
            return CompletableFuture.completedFuture(new InitProducerIdResponse(0, ErrorCode.NONE, 4711, (short) 3));
        });

        var quick = (InitProducerIdResponse) ask(1, new InitProducerIdRequest(null, 90, -1, (short) -1));
        var slow = (InitProducerIdResponse) ask(1, new InitProducerIdRequest(null, 20, -1, (short) -1));

        assertThat(quick.throttleTimeMs()).isZero();
        assertThat(slow.throttleTimeMs()).isEqualTo(1_000);
        assertThat(slow.producerId()).isEqualTo(4711);
    }

    private Response ask(int version, Request request) throws IOException {
        send(version, request);
        return receive(request.apiKey(), version);
    }

    private void send(int version, Request request) throws IOException {
        OutgoingFrame frame =
                Frames.request(UnpooledByteBufAllocator.DEFAULT, version, CORRELATION_ID, "test", request);
        for (var part : frame.parts()) {
            part.buffer().readBytes(socket.getOutputStream(), part.sizeInBytes());
        }
        frame.release();
    }

    private void send(ByteBuf frame) throws IOException {
        var out = new DataOutputStream(socket.getOutputStream());
        out.writeInt(frame.readableBytes());
        frame.readBytes(out, frame.readableBytes()).release();
    }

    private Response receive(ApiKey api, int version) throws IOException {
        var in = new DataInputStream(socket.getInputStream());
        ByteBuf frame = Unpooled.wrappedBuffer(in.readNBytes(in.readInt()));
        assertThat(ResponseHeader.read(frame, api, version).correlationId()).isEqualTo(CORRELATION_ID);
        Response response = api.readResponse(frame, version);
        assertThat(frame.isReadable()).isFalse();
        return response;
    }

    private boolean isClosed() throws IOException {
        try {
            new DataInputStream(socket.getInputStream()).readInt();
            return false;
        } catch (EOFException | SocketException e) {
            return true;
        }
    }
}
