package io.millrace.ra.inbound;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Says once that something does not work, and once that it works again, however often it is tried in between.
 *
 * <p>Guarded by this.
 */
final class OutageLog {
    private final System.Logger logger;
    private final String subject;
    private final InstantSource clock;
    private @Nullable Instant since;

    /** @param subject begins the sentences, as in {@code Queue orders for OrderBean} */
    OutageLog(System.Logger logger, String subject, InstantSource clock) {
        this.logger = logger;
        this.subject = subject;
        this.clock = clock;
    }

    /** @param consequence what is done about it, a clause */
    synchronized void failed(Throwable cause, String consequence) {
        boolean first = since == null;
        if (first) {
            since = clock.instant();
        }
        logger.log(first ? WARNING : DEBUG, () -> subject + ": " + reason(cause) + "; " + consequence);
        logger.log(DEBUG, () -> subject + ": the failure in full", cause);
    }

    synchronized void works() {
        Instant began = since;
        if (began == null) {
            return;
        }
        since = null;
        Duration length = Duration.between(began, clock.instant());
        logger.log(INFO, () -> subject + " works again after " + length.toMillis() + " ms");
    }

    private static String reason(Throwable cause) {
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }
}
