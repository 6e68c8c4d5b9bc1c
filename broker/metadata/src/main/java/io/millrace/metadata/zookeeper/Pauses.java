package io.millrace.metadata.zookeeper;

import java.util.concurrent.CompletableFuture;

/** Time between two attempts. */
@FunctionalInterface
interface Pauses {
    /** Completes on the store's thread after a short while. */
    CompletableFuture<Void> pause();
}
