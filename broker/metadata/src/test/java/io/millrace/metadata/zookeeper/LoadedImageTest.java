package io.millrace.metadata.zookeeper;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.ClusterImage;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a controller starts from, and what its broker has heard by then. */
@Timeout(60)
class LoadedImageTest {
    @Test
    void whoeverHasLoadedHasHeardOfAllThatIsLoaded() throws Exception {
        try (var stores = TestStores.start()) {
            var store = stores.store();
            var other = stores.store();
            var session = store.electController(1, 0, false).get(10, SECONDS).orElseThrow();
            var heard = new AtomicReference<>(ClusterImage.EMPTY);
            store.listen(heard::set);

            var beforeTheLoad = Pause.of(store);
            var heardThen = session.load().thenApply(loaded -> heard.get());
            var beforeTheScan = Pause.after(beforeTheLoad, store);
            var beforeTheAnswers = Pause.after(beforeTheScan, store);
            other.register(TestStores.broker(2)).get(10, SECONDS);
            var beforeTheLastAnswers = Pause.after(beforeTheAnswers, store);
            awaitAnswers(store);
            beforeTheLastAnswers.end();

            assertThat(heardThen.get(10, SECONDS).brokers()).containsKey(2);
        }
    }

    /** Returns when all that the server has answered so far waits for the store's thread. */
    private static void awaitAnswers(ZooKeeperMetadataStore store) throws Exception {
        var answered = new CompletableFuture<Void>();
        store.connection()
                .handle()
                .getData("/", false, (rc, path, context, data, stat) -> answered.complete(null), null);
        answered.get(10, SECONDS);
    }

    /** A time in which the store's thread does nothing. */
    private static final class Pause {
        private final CompletableFuture<Void> begun = new CompletableFuture<>();
        private final CompletableFuture<Void> over = new CompletableFuture<>();

        static Pause of(ZooKeeperMetadataStore store) throws Exception {
            var pause = new Pause();
            pause.begin(store);
            pause.begun.get(10, SECONDS);
            return pause;
        }

        /** Lets the store do what waits for its thread, all that was answered included, and pauses it again. */
        static Pause after(Pause before, ZooKeeperMetadataStore store) throws Exception {
            awaitAnswers(store);
            var pause = new Pause();
            pause.begin(store);
            before.end();
            pause.begun.get(10, SECONDS);
            return pause;
        }

        /** A new listener is told at once, on the thread. */
        private void begin(ZooKeeperMetadataStore store) {
            store.listen(image -> {
                begun.complete(null);
                over.orTimeout(10, SECONDS).join();
            });
        }

        void end() {
            over.complete(null);
        }
    }
}
