package io.millrace.server.request;

import static java.lang.System.Logger.Level.ERROR;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ApiVersionsResponse;
import io.millrace.protocol.message.Request;
import io.millrace.protocol.message.RequestHeader;
import io.millrace.protocol.message.Response;
import io.millrace.protocol.wire.MalformedMessageException;
import io.millrace.server.network.Exchange;
import io.millrace.server.network.RequestReceiver;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Reads requests, finds their handlers and sees to it that each exchange is completed. Thread-safe. */
public final class RequestDispatcher implements RequestReceiver {
    private static final System.Logger LOGGER = System.getLogger(RequestDispatcher.class.getName());

    private final RequestHandlers handlers;

    public RequestDispatcher(RequestHandlers handlers) {
        this.handlers = handlers;
    }

    @Override
    public void receive(Exchange exchange, ByteBuf frame) {
        try {
            RequestHeader header = RequestHeader.read(frame);
            ApiKey api = served(header);
            if (api.serves(header.apiVersion())) {
                handle(exchange, header, api.readRequest(frame, header.apiVersion()));
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
    private void handle(Exchange exchange, RequestHeader header, Request request) {
        CompletableFuture<? extends Response> response;
        try {
            response = handlers.of(request.apiKey())
                    .orElseThrow()
                    .handle(new RequestContext(exchange.connection(), header), request);
        } catch (RuntimeException e) {
            response = CompletableFuture.failedFuture(e);
        }
        response.whenComplete((answer, failure) -> complete(exchange, header, request, answer, failure));
    }

    private static void complete(
            Exchange exchange,
            RequestHeader header,
            Request request,
            @Nullable Response response,
            @Nullable Throwable failure) {
        if (response == Silence.KEEP_OPEN) {
            exchange.endSilently();
        } else if (response == Silence.CLOSE) {
            exchange.fail();
        } else if (response != null) {
            exchange.answer(new ResponseAnswer(header.apiVersion(), header.correlationId(), response));
        } else {
            LOGGER.log(ERROR, () -> request.apiKey() + " of " + exchange.connection() + " failed", failure);
            Response refusal = request.errorResponse(ErrorCode.UNKNOWN_SERVER_ERROR);
            exchange.answer(new ResponseAnswer(header.apiVersion(), header.correlationId(), refusal));
        }
    }
}
