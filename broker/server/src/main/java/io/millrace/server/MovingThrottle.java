package io.millrace.server;

import static java.lang.System.Logger.Level.INFO;

import io.millrace.metadata.ClusterImage;
import io.millrace.server.configuration.BrokerSettings;
import java.util.function.LongConsumer;

/**
 * Follows {@code follower.replication.throttled.rate}, which the cluster may keep, and tells the replicas when it is another.
 *
 * <p>Owned by the thread that hands out images.
 */
final class MovingThrottle {
    private static final System.Logger LOGGER = System.getLogger(MovingThrottle.class.getName());

    private final BrokerSettings settings;
    private final LongConsumer replicas;
    private long bytesPerSecond;

    /** @param bytesPerSecond what the replicas know already */
    MovingThrottle(BrokerSettings settings, LongConsumer replicas, long bytesPerSecond) {
        this.settings = settings;
        this.replicas = replicas;
        this.bytesPerSecond = bytesPerSecond;
    }

    void follow(ClusterImage image) {
        long latest = settings.effective(BrokerKeys.MOVING_RATE, image).orElse(bytesPerSecond);
        if (latest != bytesPerSecond) {
            bytesPerSecond = latest;
            LOGGER.log(INFO, () -> "Replicas that are moved here are filled with " + latest + " bytes/s at most");
            replicas.accept(latest);
        }
    }
}
