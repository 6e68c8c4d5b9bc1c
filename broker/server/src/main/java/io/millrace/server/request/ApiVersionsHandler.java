package io.millrace.server.request;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ApiVersionsRequest;
import io.millrace.protocol.message.ApiVersionsResponse;
import io.millrace.server.network.ClientSoftware;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;

/**
 * Tells a client which APIs it may use.
 *
 * <p>No feature is named: clients then keep to the older transaction protocol and need nothing else (KIP-584). A client whose software has a
 * name that KIP-511 does not allow gets INVALID_REQUEST.
 */
final class ApiVersionsHandler implements RequestHandler<ApiVersionsRequest> {
    private static final Pattern SOFTWARE = Pattern.compile("[a-zA-Z0-9](?:[a-zA-Z0-9\\-.]*[a-zA-Z0-9])?");
    private static final int FIRST_VERSION_WITH_SOFTWARE = 3;
    private static final long NO_FEATURES_EPOCH = -1;

    private final RequestHandlers handlers;

    ApiVersionsHandler(RequestHandlers handlers) {
        this.handlers = handlers;
    }

    @Override
    public CompletableFuture<ApiVersionsResponse> handle(RequestContext context, ApiVersionsRequest request) {
        if (context.apiVersion() >= FIRST_VERSION_WITH_SOFTWARE) {
            if (!isAllowed(request.clientSoftwareName()) || !isAllowed(request.clientSoftwareVersion())) {
                return CompletableFuture.completedFuture(answer(ErrorCode.INVALID_REQUEST, false));
            }
            context.connection()
                    .clientSoftware(new ClientSoftware(request.clientSoftwareName(), request.clientSoftwareVersion()));
        }
        return CompletableFuture.completedFuture(answer(ErrorCode.NONE, request.isFromOwnClient()));
    }

    private static boolean isAllowed(String text) {
        return SOFTWARE.matcher(text).matches();
    }

    private ApiVersionsResponse answer(ErrorCode error, boolean includingOwn) {
        return new ApiVersionsResponse(
                error, handlers.versions(includingOwn), 0, List.of(), NO_FEATURES_EPOCH, List.of(), false);
    }
}
