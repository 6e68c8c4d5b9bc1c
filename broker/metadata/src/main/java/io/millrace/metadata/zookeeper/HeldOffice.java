package io.millrace.metadata.zookeeper;

import org.jspecify.annotations.Nullable;

/**
 * The controller's office that a store has won last, while the session lives that holds it.
 *
 * <p>Owned by the store's thread.
 */
final class HeldOffice {
    private final ZooKeeperConnection connection;
    private @Nullable ZooKeeperControllerSession office;
    private long sessionId;

    HeldOffice(ZooKeeperConnection connection) {
        this.connection = connection;
    }

    /** The office is held by a session, if that is still the present one. */
    void take(ZooKeeperControllerSession won, long heldBySession) {
        end();
        office = won;
        sessionId = heldBySession;
        endIfSessionIsOver();
    }

    void endIfSessionIsOver() {
        if (connection.hasOtherSession(sessionId)) {
            end();
        }
    }

    /** At once, so that nobody goes on deciding what could not be written any more once another is elected. */
    void end() {
        var ended = office;
        office = null;
        if (ended != null) {
            ended.onSessionLost();
        }
    }
}
