package io.millrace.storage;

import org.jspecify.annotations.Nullable;

/**
 * Which log a directory holds, and the journal it may write ahead in.
 *
 * @param id none for a log that stands alone
 * @param journal none where all logs are kept by the operating system
 */
record LogHome(@Nullable LogId id, @Nullable Journal journal) {

    /** Of a log that stands alone. */
    static final LogHome NONE = new LogHome(null, null);
}
