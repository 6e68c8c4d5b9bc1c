package io.millrace.server.request;

import io.millrace.protocol.message.FetchRequest;
import io.millrace.server.network.ServerConnection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The fetch sessions of all connections, at most one of each.
 *
 * <p>Thread-safe; each session belongs to the event loop of its connection. A client that asks for a session when there are too many gets none
 * and goes on with full requests.
 */
final class FetchSessions {
    /** {@code max.incremental.fetch.session.cache.slots} is Kafka's name for this bound. */
    private static final int SESSIONS_MAX = 10_000;

    /** The id of what stays in the place of a session that ended, so that its connection is listened to only once. */
    private static final int ENDED = 0;

    private final Map<Long, FetchSession> byConnection = new ConcurrentHashMap<>();

    /** The session with this id, if it is the connection's. */
    Optional<FetchSession> find(ServerConnection connection, int sessionId) {
        return Optional.ofNullable(byConnection.get(connection.id()))
                .filter(session -> session.id() == sessionId && sessionId != ENDED);
    }

    /** A new session, in place of the one that the connection had. */
    Optional<FetchSession> open(ServerConnection connection, FetchRequest request, boolean namesTopicsById) {
        if (byConnection.size() >= SESSIONS_MAX) {
            return Optional.empty();
        }
        var session = new FetchSession(ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE), namesTopicsById);
        session.update(request);
        if (byConnection.put(connection.id(), session) == null) {
            connection.onClose(() -> byConnection.remove(connection.id()));
        }
        return Optional.of(session);
    }

    /** Ends the connection's session, if it has one. */
    void close(ServerConnection connection) {
        FetchSession ended = byConnection.get(connection.id());
        if (ended != null) {
            byConnection.replace(connection.id(), new FetchSession(ENDED, ended.namesTopicsById()));
        }
    }
}
