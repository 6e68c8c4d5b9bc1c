package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The coordinators asked for; in the same one of two shapes as the request. */
public record FindCoordinatorResponse(
        int throttleTimeMs,
        ErrorCode errorCode,
        @Nullable String errorMessage,
        int nodeId,
        String host,
        int port,
        List<Coordinator> coordinators)
        implements Response {
    public record Coordinator(
            String key, int nodeId, String host, int port, ErrorCode errorCode, @Nullable String errorMessage) {
        static final Schema<Coordinator> SCHEMA = Schema.of(Coordinator.class)
                .field("key", STRING)
                .field("nodeId", INT32)
                .field("host", STRING)
                .field("port", INT32)
                .field("errorCode", ERROR_CODE)
                .field("errorMessage", NULLABLE_STRING)
                .build();

        public static Coordinator at(String key, int nodeId, String host, int port) {
            return new Coordinator(key, nodeId, host, port, ErrorCode.NONE, null);
        }

        public static Coordinator error(String key, ErrorCode error) {
            return new Coordinator(key, -1, "", -1, error, null);
        }
    }

    public static final Schema<FindCoordinatorResponse> SCHEMA = Schema.of(FindCoordinatorResponse.class)
            .field("throttleTimeMs", INT32.since(1))
            .field("errorCode", ERROR_CODE.until(3))
            .field("errorMessage", NULLABLE_STRING.since(1).until(3).orElse(""))
            .field("nodeId", INT32.until(3))
            .field("host", STRING.until(3))
            .field("port", INT32.until(3))
            .field("coordinators", listOf(Coordinator.SCHEMA).since(4).required())
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.FIND_COORDINATOR;
    }

    /** The answer to a request, in the shape that the request has. */
    public static FindCoordinatorResponse to(FindCoordinatorRequest request, Function<String, Coordinator> find) {
        if (!request.coordinatorKeys().isEmpty()) {
            var found = request.coordinatorKeys().stream().map(find).toList();
            return new FindCoordinatorResponse(0, ErrorCode.NONE, null, 0, "", 0, found);
        }
        Coordinator one = find.apply(request.key());
        return new FindCoordinatorResponse(
                0, one.errorCode(), one.errorMessage(), one.nodeId(), one.host(), one.port(), List.of());
    }

    /** The coordinators found, in either shape of the response; the shape for one does not repeat its key. */
    public List<Coordinator> found(String onlyKey) {
        return coordinators.isEmpty()
                ? List.of(new Coordinator(onlyKey, nodeId, host, port, errorCode, errorMessage))
                : coordinators;
    }
}
