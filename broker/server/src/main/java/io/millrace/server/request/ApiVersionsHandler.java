package io.millrace.server.request;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ApiVersionsRequest;
import io.millrace.protocol.message.ApiVersionsResponse;
import io.millrace.protocol.message.ApiVersionsResponse.FinalizedFeature;
import io.millrace.protocol.message.ApiVersionsResponse.SupportedFeature;
import io.millrace.server.network.ClientSoftware;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

/**
 * Tells a client which APIs it may use.
 *
 * <p>The one feature is {@code transaction.version}, from which clients know that each transaction has an epoch of its own (KIP-584, KIP-890). Below version 4 it is not
 * named among the supported ones, since its least level is 0 and clients of that age fail over it. A client whose software has a name that KIP-511 does
 * not allow gets INVALID_REQUEST.
 */
final class ApiVersionsHandler implements RequestHandler<ApiVersionsRequest> {
    private static final Pattern SOFTWARE = Pattern.compile("[a-zA-Z0-9](?:[a-zA-Z0-9\\-.]*[a-zA-Z0-9])?");
    private static final int FIRST_VERSION_WITH_SOFTWARE = 3;
    private static final int FIRST_VERSION_WITH_LEAST_ZERO = 4;
    private static final String TRANSACTION_VERSION = "transaction.version";
    private static final short TRANSACTION_LEVEL_MAX = 2;
    /** Features never change in the life of a broker. */
    private static final long FEATURES_EPOCH = 1;

    private final RequestHandlers handlers;
    private final short transactionLevel;

    /** @param transactionLevel {@code transaction.version}; 0 names no level */
    ApiVersionsHandler(RequestHandlers handlers, int transactionLevel) {
        this.handlers = handlers;
        this.transactionLevel = (short) transactionLevel;
    }

    @Override
    public CompletableFuture<ApiVersionsResponse> handle(RequestContext context, ApiVersionsRequest request) {
        if (context.apiVersion() >= FIRST_VERSION_WITH_SOFTWARE) {
            if (!isAllowed(request.clientSoftwareName()) || !isAllowed(request.clientSoftwareVersion())) {
                return CompletableFuture.completedFuture(
                        answer(ErrorCode.INVALID_REQUEST, false, context.apiVersion()));
            }
            context.connection()
                    .clientSoftware(new ClientSoftware(request.clientSoftwareName(), request.clientSoftwareVersion()));
        }
        return CompletableFuture.completedFuture(
                answer(ErrorCode.NONE, request.isFromOwnClient(), context.apiVersion()));
    }

    private static boolean isAllowed(String text) {
        return SOFTWARE.matcher(text).matches();
    }

    private ApiVersionsResponse answer(ErrorCode error, boolean includingOwn, short apiVersion) {
        var supported = apiVersion < FIRST_VERSION_WITH_LEAST_ZERO
                ? List.<SupportedFeature>of()
                : List.of(new SupportedFeature(TRANSACTION_VERSION, (short) 0, TRANSACTION_LEVEL_MAX));
        var finalized = transactionLevel == 0
                ? List.<FinalizedFeature>of()
                : List.of(new FinalizedFeature(TRANSACTION_VERSION, transactionLevel, transactionLevel));
        return new ApiVersionsResponse(
                error, handlers.versions(includingOwn), 0, supported, FEATURES_EPOCH, finalized, false);
    }
}
