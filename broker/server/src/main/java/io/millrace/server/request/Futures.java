package io.millrace.server.request;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Joins futures that belong together. */
public final class Futures {
    private Futures() {}

    /** The values of all, in their order; fails if one fails. */
    public static <T> CompletableFuture<List<T>> all(List<CompletableFuture<T>> futures) {
        return CompletableFuture.allOf(futures.toArray(CompletableFuture[]::new))
                .thenApply(done -> futures.stream().map(CompletableFuture::join).toList());
    }
}
