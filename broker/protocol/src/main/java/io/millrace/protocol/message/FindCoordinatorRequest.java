package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.wire.Schema;
import java.util.List;

/**
 * Asks which broker coordinates a group or a transactional id.
 *
 * <p>Up to version 3 for one {@code key}, from version 4 on for many; {@link #keys} has them in either case.
 *
 * @param keyType 0 group, 1 transactional id, 2 share group
 */
public record FindCoordinatorRequest(String key, byte keyType, List<String> coordinatorKeys) implements Request {
    public static final byte GROUP = 0;
    public static final byte TRANSACTION = 1;
    public static final byte SHARE = 2;

    public static final Schema<FindCoordinatorRequest> SCHEMA = Schema.of(FindCoordinatorRequest.class)
            .field("key", STRING.until(3).required())
            .field("keyType", INT8.since(1).required())
            .field("coordinatorKeys", listOf(STRING).since(4).required())
            .build();

    @Override
    public ApiKey apiKey() {
        return ApiKey.FIND_COORDINATOR;
    }

    /** What coordinators are asked for, in either shape of the request. */
    public List<String> keys() {
        return coordinatorKeys.isEmpty() ? List.of(key) : coordinatorKeys;
    }

    @Override
    public Response errorResponse(ErrorCode error) {
        return FindCoordinatorResponse.to(this, wanted -> FindCoordinatorResponse.Coordinator.error(wanted, error));
    }
}
