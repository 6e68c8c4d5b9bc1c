package io.millrace.server.coordinator;

import static java.lang.System.Logger.Level.ERROR;

import java.util.List;
import java.util.function.Consumer;

/** A batch in the log of a coordinator, or on its way there. Owned by the log's loop. */
final class Flight {
    private static final System.Logger LOGGER = System.getLogger(Flight.class.getName());

    private final ReplicatedLog log;
    private final List<AppendListener> listeners;
    private long lastOffset = -1;
    private boolean isCommitted;

    /** @param listeners of what is in the batch, in its order */
    Flight(ReplicatedLog log, List<AppendListener> listeners) {
        this.log = log;
        this.listeners = listeners;
    }

    /** Tells all; a fault in what one of them makes of it does not keep it from the others. */
    @SuppressWarnings("checkstyle:IllegalCatch")
    void tell(Consumer<AppendListener> news) {
        for (AppendListener listener : listeners) {
            try {
                news.accept(listener);
            } catch (RuntimeException e) {
                LOGGER.log(ERROR, () -> "What became of an append to the " + log + " was told, and not understood", e);
            }
        }
    }

    /** It is in the log, and ends there. */
    void onAppended(long offset) {
        lastOffset = offset;
    }

    void onCommitted() {
        isCommitted = true;
    }

    boolean isCommitted() {
        return isCommitted;
    }

    /** -1 before it is in the log. */
    long lastOffset() {
        return lastOffset;
    }
}
