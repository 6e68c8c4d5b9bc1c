package io.millrace.server.quota;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.SettingsScope;
import io.millrace.server.quota.QuotaLimits.Limit;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts what clients write to and read from this broker, and tells for how long those must pause that do more than their quota (KIP-13,
 * KIP-219).
 *
 * <p>Thread-safe. What was done is counted per broker, as in Kafka. Clients are told apart by their client ids; all are the same user, as long
 * as nobody has to say who it is.
 */
public final class ClientQuotas {
    /** The user of a connection that has not said who it is, as Kafka calls it. */
    public static final String ANONYMOUS = "ANONYMOUS";

    /** Bound on who is counted at a time; more are counted together. */
    static final int COUNTED_MAX = 10_000;

    private static final SettingsScope OTHERS = new SettingsScope(Map.of());

    private record Counted(QuotaKey key, SettingsScope sharers) {}

    private final InstantSource clock;
    private final Map<Counted, RateWindow> windows = new ConcurrentHashMap<>();
    private volatile QuotaLimits limits = QuotaLimits.NONE;

    public ClientQuotas(InstantSource clock) {
        this.clock = clock;
    }

    /** Takes over the quotas that the cluster keeps. */
    public void follow(ClusterImage image) {
        limits = QuotaLimits.of(image.settings());
    }

    /** Whether there are any quotas at all. */
    public boolean areSet() {
        return !limits.isEmpty();
    }

    /**
     * Counts what a client does.
     *
     * @return how long it must pause, in milliseconds; 0 where it need not
     */
    public int record(QuotaKey key, String clientId, long amount) {
        QuotaLimits now = limits;
        if (now.isEmpty()) {
            return 0;
        }
        Optional<Limit> limit = now.find(key, ANONYMOUS, clientId);
        if (limit.isEmpty()) {
            return 0;
        }
        long nowMs = clock.millis();
        return (int) window(new Counted(key, limit.get().sharers()), nowMs)
                .record((double) amount, limit.get().perSecond(), nowMs);
    }

    private RateWindow window(Counted counted, long nowMs) {
        RateWindow known = windows.get(counted);
        if (known != null) {
            return known;
        }
        if (windows.size() >= COUNTED_MAX) {
            windows.values().removeIf(window -> window.isIdle(nowMs));
        }
        Counted who = windows.size() >= COUNTED_MAX ? new Counted(counted.key(), OTHERS) : counted;
        return windows.computeIfAbsent(who, each -> new RateWindow());
    }
}
