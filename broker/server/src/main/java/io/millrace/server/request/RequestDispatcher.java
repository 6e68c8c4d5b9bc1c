package io.millrace.server.request;

import static java.lang.System.Logger.Level.ERROR;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ApiVersionsResponse;
import io.millrace.protocol.message.Request;
import io.millrace.protocol.message.RequestHeader;
import io.millrace.protocol.message.Response;
import io.millrace.protocol.wire.MalformedMessageException;
import io.millrace.protocol.wire.OutgoingFrame;
import io.millrace.server.network.Answer;
import io.millrace.server.network.Exchange;
import io.millrace.server.network.RequestReceiver;
import io.millrace.server.quota.ClientQuotas;
import io.millrace.server.quota.QuotaKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads requests, finds their handlers and sees to it that each exchange is completed. Clients with a {@code request_percentage} pause when
 * they have kept the threads of this broker busy for longer (KIP-124): what counts is the event loop's time until a handler has returned, and the
 * time it takes to encode the answer. Thread-safe.
 */
public final class RequestDispatcher implements RequestReceiver {
    private static final System.Logger LOGGER = System.getLogger(RequestDispatcher.class.getName());
    private static final long UNCOUNTED = -1;

    /**
     * A request that has been read.
     *
     * @param beganNanos when its first byte was looked at, or {@link #UNCOUNTED}
     */
    private record Received(Exchange exchange, RequestHeader header, Request request, long beganNanos) {
        RequestContext context() {
            return new RequestContext(exchange.connection(), header);
        }
    }

    private final RequestHandlers handlers;
    private final ClientQuotas quotas;
    private final LongSupplier nanoClock;

    public RequestDispatcher(RequestHandlers handlers, ClientQuotas quotas) {
        this(handlers, quotas, System::nanoTime);
    }

    RequestDispatcher(RequestHandlers handlers, ClientQuotas quotas, LongSupplier nanoClock) {
        this.handlers = handlers;
        this.quotas = quotas;
        this.nanoClock = nanoClock;
    }

    @Override
    public void receive(Exchange exchange, ByteBuf frame) {
        try {
            boolean isCounted = quotas.areSet(QuotaKey.REQUEST_PERCENTAGE);
            long beganNanos = isCounted ? nanoClock.getAsLong() : UNCOUNTED;
            RequestHeader header = RequestHeader.read(frame);
            ApiKey api = served(header);
            if (api.serves(header.apiVersion())) {
                Request request = api.readRequest(frame, header.apiVersion());
                handle(new Received(exchange, header, request, beganNanos));
            } else {
                refuseVersion(exchange, header, api);
            }
        } finally {
            frame.release();
        }
    }

    private ApiKey served(RequestHeader header) {
        return header.apiKey()
                .filter(api -> handlers.of(api).isPresent())
                .orElseThrow(
                        () -> new MalformedMessageException("the API key " + header.apiKeyId() + " is not served"));
    }

    /** A client opens with the newest ApiVersions it has and must learn which one is understood; all others must keep to what it learnt. */
    private static void refuseVersion(Exchange exchange, RequestHeader header, ApiKey api) {
        if (api != ApiKey.API_VERSIONS) {
            throw new MalformedMessageException(api + " is not served in version " + header.apiVersion() + ", only "
                    + api.first() + " to " + api.last());
        }
        exchange.answer(new ResponseAnswer(0, header.correlationId(), ApiVersionsResponse.unsupportedVersion()));
    }

    // Whatever a handler throws, the client must get an answer.
    @SuppressWarnings("checkstyle:IllegalCatch")
    private void handle(Received received) {
        CompletableFuture<? extends Response> response;
        try {
            response = handlers.of(received.request().apiKey())
                    .orElseThrow()
                    .handle(received.context(), received.request());
        } catch (RuntimeException e) {
            response = CompletableFuture.failedFuture(e);
        }
        int throttleMs = throttle(received);
        response.whenComplete((answer, failure) -> complete(received, throttleMs, answer, failure));
    }

    /** The request is served; the client must pause after it if its requests take too long. */
    private int throttle(Received received) {
        RequestContext context = received.context();
        if (received.beganNanos() == UNCOUNTED || BrokerClients.isBroker(context.clientId())) {
            return 0;
        }
        int throttleMs = quotas.recordTime(context.clientId(), nanoClock.getAsLong() - received.beganNanos());
        context.connection().mute(throttleMs);
        return throttleMs;
    }

    private void complete(Received received, int throttleMs, @Nullable Response response, @Nullable Throwable failure) {
        Exchange exchange = received.exchange();
        if (response == Silence.KEEP_OPEN) {
            exchange.endSilently();
        } else if (response == Silence.CLOSE) {
            exchange.fail();
        } else if (response != null) {
            exchange.answer(answer(received, throttleMs, response));
        } else {
            Request request = received.request();
            LOGGER.log(ERROR, () -> request.apiKey() + " of " + exchange.connection() + " failed", failure);
            exchange.answer(answer(received, throttleMs, request.errorResponse(ErrorCode.UNKNOWN_SERVER_ERROR)));
        }
    }

    private Answer answer(Received received, int throttleMs, Response response) {
        RequestContext context = received.context();
        Response told =
                throttleMs > response.throttleTimeMs() ? response.apiKey().throttled(response, throttleMs) : response;
        var answer = new ResponseAnswer(context.apiVersion(), context.header().correlationId(), told);
        boolean isCounted = received.beganNanos() != UNCOUNTED && !BrokerClients.isBroker(context.clientId());
        return isCounted ? new CountedAnswer(answer, context.clientId()) : answer;
    }

    /** An answer whose encoding takes time, too. It is on its way already, so that only later ones are held up for it. */
    private final class CountedAnswer implements Answer {
        private final Answer answer;
        private final String clientId;

        CountedAnswer(Answer answer, String clientId) {
            this.answer = answer;
            this.clientId = clientId;
        }

        @Override
        public OutgoingFrame encode(ByteBufAllocator allocator) {
            long beganNanos = nanoClock.getAsLong();
            OutgoingFrame frame = answer.encode(allocator);
            quotas.recordTime(clientId, nanoClock.getAsLong() - beganNanos);
            return frame;
        }

        @Override
        public void discard() {
            answer.discard();
        }
    }
}
