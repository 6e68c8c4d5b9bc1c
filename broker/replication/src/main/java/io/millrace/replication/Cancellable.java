package io.millrace.replication;

/** Something that will happen once, unless cancelled before. */
@FunctionalInterface
public interface Cancellable {
    /** Idempotent; callable from any thread. It may happen all the same if it is about to. */
    void cancel();
}
