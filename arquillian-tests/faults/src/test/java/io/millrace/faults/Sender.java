package io.millrace.faults;

import java.time.Duration;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A producer of either kind. */
interface Sender {
    /** Sends, and tells the offset or what went wrong, on any thread. */
    void send(int partition, byte[] value, BiConsumer<@Nullable Long, @Nullable Throwable> whenDone);

    void close(Duration timeout);
}
