package io.millrace.client.network;

import static io.millrace.client.ScriptedBroker.never;
import static io.millrace.client.ScriptedBroker.now;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.millrace.client.ScriptedBroker;
import io.millrace.client.network.ConnectionException.Reason;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ApiVersionsRequest;
import io.millrace.protocol.message.FetchRequest;
import io.millrace.protocol.message.FetchResponse;
import io.millrace.protocol.message.InitProducerIdRequest;
import io.millrace.protocol.message.InitProducerIdResponse;
import io.millrace.protocol.message.ProduceRequest;
import io.millrace.protocol.wire.Records;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConnectionTest {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final EventLoops loops = new EventLoops("test-client", 1);
    private final ScriptedBroker broker = ScriptedBroker.start();

    @AfterEach
    void close() {
        broker.close();
        assertThat(loops.close(TIMEOUT)).isTrue();
    }

    private Connection connect(Duration requestTimeout) throws Exception {
        return Connection.connect(loops.group(), "127.0.0.1", broker.port(), "test", requestTimeout)
                .get(10, SECONDS);
    }

    private static InitProducerIdRequest question() {
        return new InitProducerIdRequest(null, 0, -1, (short) -1);
    }

    private static InitProducerIdResponse answer(long producerId) {
        return new InitProducerIdResponse(0, ErrorCode.NONE, producerId, (short) 0);
    }

    private static ConnectionException failureOf(CompletableFuture<?> future) {
        Throwable failure = catchThrowable(() -> future.get(10, SECONDS));
        assertThat(failure).isInstanceOf(ExecutionException.class).hasCauseInstanceOf(ConnectionException.class);
        return (ConnectionException) failure.getCause();
    }

    @Test
    void theBrokerLearnsWhoConnects() throws Exception {
        connect(TIMEOUT);

        assertThat(broker.received(ApiVersionsRequest.class))
                .singleElement()
                .satisfies(request -> assertThat(request.clientSoftwareName()).isEqualTo("millrace"));
    }

    @Test
    void aBrokerThatRefusesTheVersionOfTheQuestionIsAskedInItsOwn() throws Exception {
        broker.limit(ApiKey.API_VERSIONS, 2).limit(ApiKey.INIT_PRODUCER_ID, 1);
        var versionSeen = new CompletableFuture<Short>();
        broker.on(ApiKey.INIT_PRODUCER_ID, (request, caller) -> {
            versionSeen.complete(caller.header().apiVersion());
            return now(answer(7));
        });

        var connection = connect(TIMEOUT);
        connection.send(question()).get(10, SECONDS);

        assertThat(versionSeen.get(10, SECONDS)).isEqualTo((short) 1);
    }

    @Test
    void anApiThatIsNotOfferedIsNotAskedFor() throws Exception {
        broker.limit(ApiKey.INIT_PRODUCER_ID, -1);
        var connection = connect(TIMEOUT);

        ConnectionException failure = failureOf(connection.send(question()));

        assertThat(connection.offers(ApiKey.INIT_PRODUCER_ID)).isFalse();
        assertThat(failure.reason()).isEqualTo(Reason.UNSUPPORTED);
        assertThat(failure.isUnsent()).isTrue();
    }

    @Test
    void requestsArePipelinedAndEachGetsItsOwnAnswer() throws Exception {
        var answers = new ArrayList<CompletableFuture<InitProducerIdResponse>>();
        var allAsked = new CompletableFuture<Void>();
        broker.on(ApiKey.INIT_PRODUCER_ID, (request, caller) -> {
            var answer = new CompletableFuture<InitProducerIdResponse>();
            answers.add(answer);
            if (answers.size() == 100) {
                allAsked.complete(null);
            }
            return answer;
        });
        var connection = connect(TIMEOUT);

        var results = new ArrayList<CompletableFuture<InitProducerIdResponse>>();
        for (int i = 0; i < 100; i++) {
            results.add(connection.send(question()));
        }
        allAsked.get(10, SECONDS);
        broker.execute(() -> {
            for (int i = 99; i >= 0; i--) {
                answers.get(i).complete(answer(i));
            }
        });

        for (int i = 0; i < 100; i++) {
            assertThat(results.get(i).get(10, SECONDS).producerId()).isEqualTo(i);
        }
    }

    @Test
    void aRequestThatIsNotAnsweredInTimeEndsTheConnection() throws Exception {
        broker.on(ApiKey.INIT_PRODUCER_ID, (request, caller) -> never());
        var connection = connect(TIMEOUT);
        var patient = connection.send(question(), Duration.ofMinutes(5));

        var hasty = connection.send(question(), Duration.ofMillis(50));

        assertThat(failureOf(hasty).reason()).isEqualTo(Reason.TIMED_OUT);
        assertThat(failureOf(patient).errorCode()).isEqualTo(ErrorCode.REQUEST_TIMED_OUT);
        connection.closeFuture().get(10, SECONDS);
        assertThat(connection.isOpen()).isFalse();
    }

    @Test
    void allRequestsUnderWayFailBeforeTheEndIsTold() throws Exception {
        broker.on(ApiKey.INIT_PRODUCER_ID, (request, caller) -> never());
        var connection = connect(TIMEOUT);
        var results = new ArrayList<CompletableFuture<InitProducerIdResponse>>();
        for (int i = 0; i < 10; i++) {
            results.add(connection.send(question()));
        }
        var allFailedByThen = connection.closeFuture().thenApply(ignored -> results.stream()
                .allMatch(CompletableFuture::isCompletedExceptionally));

        broker.disconnectAll();

        assertThat(allFailedByThen.get(10, SECONDS)).isTrue();
    }

    @Test
    void aRequestThatTheBrokerHasFailsAsSent() throws Exception {
        var asked = new CompletableFuture<Void>();
        broker.on(ApiKey.INIT_PRODUCER_ID, (request, caller) -> {
            asked.complete(null);
            return never();
        });
        var result = connect(TIMEOUT).send(question());
        asked.get(10, SECONDS);

        broker.disconnectAll();

        ConnectionException failure = failureOf(result);
        assertThat(failure.reason()).isEqualTo(Reason.CLOSED);
        assertThat(failure.isUnsent()).isFalse();
        assertThat(failure)
                .hasMessageContaining(String.valueOf(broker.port()))
                .hasMessageContaining("INIT_PRODUCER_ID");
    }

    @Test
    void aClosedConnectionRefusesRequestsAsUnsent() throws Exception {
        var connection = connect(TIMEOUT);
        connection.close();
        connection.closeFuture().get(10, SECONDS);

        ConnectionException failure = failureOf(connection.send(question()));

        assertThat(failure.reason()).isEqualTo(Reason.CLOSED);
        assertThat(failure.isUnsent()).isTrue();
    }

    @Test
    void recordsOfAnAnswerLiveUntilTheyAreReleased() throws Exception {
        broker.on(ApiKey.FETCH, (FetchRequest request, ScriptedBroker.Caller caller) -> {
            var records = PooledByteBufAllocator.DEFAULT.buffer().writeBytes(new byte[2000]);
            var partition = FetchResponse.Partition.read(0, 5, 5, 0, Records.of(records));
            var topic = new FetchResponse.Topic("t", new UUID(0, 1), List.of(partition));
            return now(new FetchResponse(0, ErrorCode.NONE, 0, List.of(topic), List.of()));
        });
        var connection = connect(TIMEOUT);
        var request = new FetchRequest(
                -1, 0, 1, 1 << 20, (byte) 0, 0, -1, List.of(), List.of(), "", null, FetchRequest.ReplicaState.CONSUMER);

        FetchResponse response = connection.<FetchResponse>send(request).get(10, SECONDS);

        var buffer = response.responses().get(0).partitions().get(0).records().buffer();
        int references = connection.eventLoop().submit(buffer::refCnt).get(10, SECONDS);
        assertThat(references).isEqualTo(1);
        assertThat(ByteBufUtil.getBytes(buffer)).hasSize(2000);
        response.releaseRecords();
        assertThat(buffer.refCnt()).isZero();
    }

    @Test
    void recordsOfARequestThatIsRefusedAreReleased() throws Exception {
        var connection = connect(TIMEOUT);
        connection.close();
        connection.closeFuture().get(10, SECONDS);
        var records = Unpooled.buffer().writeBytes(new byte[1000]);
        var partition = new ProduceRequest.Partition(0, Records.of(records));
        var topic = new ProduceRequest.Topic("t", new UUID(0, 1), List.of(partition));

        var result = connection.send(new ProduceRequest(null, (short) 1, 1000, List.of(topic)));

        failureOf(result);
        assertThat(records.refCnt()).isZero();
    }

    @Test
    void aRequestWithoutAnAnswerCompletesWhenItIsWritten() throws Exception {
        var arrived = new CompletableFuture<Void>();
        broker.on(ApiKey.PRODUCE, (request, caller) -> {
            arrived.complete(null);
            return null;
        });
        var connection = connect(TIMEOUT);

        connection
                .sendUnanswered(new ProduceRequest(null, (short) 0, 1000, List.of()))
                .get(10, SECONDS);

        arrived.get(10, SECONDS);
    }

    @Test
    void nobodyThereIsToldWithTheAddress() throws Exception {
        int port;
        try (var socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }

        var failure = failureOf(Connection.connect(loops.group(), "127.0.0.1", port, "test", TIMEOUT));

        assertThat(failure.reason()).isEqualTo(Reason.NOT_CONNECTED);
        assertThat(failure).hasMessageContaining("127.0.0.1:" + port);
    }

    @Test
    void whoeverAnswersWithGarbageIsHungUpOn() throws Exception {
        broker.on(ApiKey.INIT_PRODUCER_ID, (request, caller) -> {
            caller.channel().writeAndFlush(Unpooled.wrappedBuffer(new byte[] {0, 0, 0, 6, 0, 0, 0, 99, 1, 2}));
            return never();
        });
        var connection = connect(TIMEOUT);

        var failure = failureOf(connection.send(question()));

        assertThat(failure.reason()).isEqualTo(Reason.CLOSED);
        assertThat(failure).hasMessageContaining("broke the protocol");
    }

    @Test
    void aFrameThatClaimsTwoGigabytesEndsTheConnection() throws Exception {
        broker.on(ApiKey.INIT_PRODUCER_ID, (request, caller) -> {
            caller.channel().writeAndFlush(Unpooled.wrappedBuffer(new byte[] {0x7f, 0, 0, 0, 0, 0, 0, 1}));
            return never();
        });
        var connection = connect(TIMEOUT);

        assertThat(failureOf(connection.send(question())).reason()).isEqualTo(Reason.CLOSED);
    }

    @Test
    void nothingIsLeftOfClosedLoops() throws Exception {
        var own = new EventLoops("millrace-client-ended", 2);
        var connection = Connection.connect(own.group(), "127.0.0.1", broker.port(), "test", TIMEOUT)
                .get(10, SECONDS);

        boolean ended = own.close(TIMEOUT);

        assertThat(ended).isTrue();
        connection.closeFuture().get(10, SECONDS);
        assertThat(failureOf(connection.send(question())).isUnsent()).isTrue();
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("millrace-client-ended"));
    }
}
