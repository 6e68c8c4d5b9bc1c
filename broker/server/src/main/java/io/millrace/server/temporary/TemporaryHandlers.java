package io.millrace.server.temporary;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.CreateTemporaryDestinationRequest;
import io.millrace.protocol.message.CreateTemporaryDestinationResponse;
import io.millrace.protocol.message.DeleteTemporaryDestinationRequest;
import io.millrace.protocol.message.DeleteTemporaryDestinationResponse;
import io.millrace.protocol.message.FetchTemporaryRequest;
import io.millrace.protocol.message.FetchTemporaryResponse;
import io.millrace.protocol.message.FetchTemporaryResponse.Sent;
import io.millrace.protocol.message.SendTemporaryRequest;
import io.millrace.protocol.message.SendTemporaryResponse;
import io.millrace.replication.Cancellable;
import io.millrace.server.request.RequestContext;
import io.millrace.server.request.RequestHandlers;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The handlers of temporary destinations.
 *
 * <p>Errors: POLICY_VIOLATION where there are too many of them; UNKNOWN_TOPIC_OR_PARTITION for one that is not there, or not the connection's to delete;
 * THROTTLING_QUOTA_EXCEEDED for a record for which there is no room now, MESSAGE_TOO_LARGE for one for which there never is; RESOURCE_NOT_FOUND for a fetch of a
 * connection that has made none, or was silent for so long that it was taken for dead.
 */
public final class TemporaryHandlers {
    private static final int WAIT_MAX_MS = 60_000;
    private static final int BYTES_MAX = 16 * 1024 * 1024;

    private final TemporaryDestinations destinations;
    private final InstantSource clock;
    private final Set<Long> watched = ConcurrentHashMap.newKeySet(); // connections whose end is heard of

    /** @param incarnation of this start of the broker, random */
    public TemporaryHandlers(int brokerId, long incarnation, InstantSource clock) {
        this(new TemporaryDestinations(brokerId, incarnation, TemporaryLimits.defaults()), clock);
    }

    TemporaryHandlers(TemporaryDestinations destinations, InstantSource clock) {
        this.destinations = destinations;
        this.clock = clock;
    }

    /** Puts the APIs of temporary destinations into the table. */
    public void addTo(RequestHandlers table) {
        table.add(ApiKey.CREATE_TEMPORARY_DESTINATION, CreateTemporaryDestinationRequest.class, this::create)
                .add(ApiKey.DELETE_TEMPORARY_DESTINATION, DeleteTemporaryDestinationRequest.class, this::delete)
                .add(ApiKey.SEND_TEMPORARY, SendTemporaryRequest.class, this::send)
                .add(ApiKey.FETCH_TEMPORARY, FetchTemporaryRequest.class, this::fetch);
    }

    private CompletableFuture<CreateTemporaryDestinationResponse> create(
            RequestContext context, CreateTemporaryDestinationRequest request) {
        long connectionId = context.connectionId();
        destinations.endWait(connectionId);
        CreateTemporaryDestinationResponse made = destinations.create(connectionId, request.isTopic(), clock.millis());
        if (watched.add(connectionId)) {
            context.onClose(() -> {
                watched.remove(connectionId);
                destinations.onClosed(connectionId);
            });
        }
        return CompletableFuture.completedFuture(made);
    }

    private CompletableFuture<DeleteTemporaryDestinationResponse> delete(
            RequestContext context, DeleteTemporaryDestinationRequest request) {
        destinations.endWait(context.connectionId());
        ErrorCode error = destinations.delete(context.connectionId(), request.name());
        return CompletableFuture.completedFuture(new DeleteTemporaryDestinationResponse(error));
    }

    private CompletableFuture<SendTemporaryResponse> send(RequestContext context, SendTemporaryRequest request) {
        destinations.endWait(context.connectionId());
        return CompletableFuture.completedFuture(
                destinations.send(request.destination(), request.batch(), clock.millis()));
    }

    private CompletableFuture<FetchTemporaryResponse> fetch(RequestContext context, FetchTemporaryRequest request) {
        long connectionId = context.connectionId();
        destinations.endWait(connectionId);
        int bytesMax = Math.max(0, Math.min(request.maxBytes(), BYTES_MAX));
        Optional<CompletableFuture<List<Sent>>> fetched =
                destinations.fetch(connectionId, request.consumed(), bytesMax, clock.millis());
        if (fetched.isEmpty()) {
            return CompletableFuture.completedFuture(
                    new FetchTemporaryResponse(ErrorCode.RESOURCE_NOT_FOUND, List.of()));
        }
        CompletableFuture<List<Sent>> sent = fetched.get();
        if (!sent.isDone()) {
            int waitMs = Math.max(0, Math.min(request.maxWaitMs(), WAIT_MAX_MS));
            Cancellable timer = context.connection().schedule(() -> destinations.endWait(connectionId, sent), waitMs);
            sent.thenRun(timer::cancel);
        }
        return sent.thenApply(taken -> new FetchTemporaryResponse(ErrorCode.NONE, taken));
    }
}
