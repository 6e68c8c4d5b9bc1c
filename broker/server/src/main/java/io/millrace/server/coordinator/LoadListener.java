package io.millrace.server.coordinator;

/** Learns whether a log could be replayed. Called on the log's loop, once, unless the leadership is lost before. */
public interface LoadListener {

    void onLoaded();

    /** The log cannot be read or understood; what it says must not be guessed. */
    void onFailed(String reason);
}
