package io.millrace.server.request;

import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.ApiVersionsResponse.ApiVersion;
import io.millrace.protocol.message.Request;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The table of handlers. Filled before the broker listens, then only read. What is not in it is neither served nor advertised. */
public final class RequestHandlers {
    private final Map<ApiKey, RequestHandler<?>> handlers = new EnumMap<>(ApiKey.class);

    /**
     * Adds a handler.
     *
     * @param requestType what requests of the API are
     * @throws IllegalStateException if the API has one already
     */
    public <Q extends Request> RequestHandlers add(ApiKey api, Class<Q> requestType, RequestHandler<Q> handler) {
        if (handlers.containsKey(api)) {
            throw new IllegalStateException("there is a handler for " + api + " already");
        }
        handlers.put(api, (RequestHandler<Request>)
                (context, request) -> handler.handle(context, requestType.cast(request)));
        return this;
    }

    // Only add() fills the table, and wraps each handler so that it takes any request and checks its type.
    @SuppressWarnings("unchecked")
    Optional<RequestHandler<Request>> of(ApiKey api) {
        return Optional.ofNullable((RequestHandler<Request>) handlers.get(api));
    }

    /** The versions to advertise, those of our own APIs only to our own clients. */
    List<ApiVersion> versions(boolean includingOwn) {
        return handlers.keySet().stream()
                .filter(api -> includingOwn || !api.isOwn())
                .map(api -> new ApiVersion(api.id(), api.advertisedFirst(), api.last()))
                .toList();
    }
}
