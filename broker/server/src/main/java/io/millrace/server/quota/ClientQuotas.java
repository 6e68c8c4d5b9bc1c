package io.millrace.server.quota;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.SettingsScope;
import io.millrace.server.quota.QuotaLimits.Limit;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * Counts what clients do to this broker, and tells for how long those must pause that do more than their quota (KIP-13, KIP-124, KIP-219,
 * KIP-599).
 *
 * <p>Thread-safe. What was done is counted per broker, as in Kafka. Clients are told apart by their client ids; all are the same user, as long
 * as nobody has to say who it is.
 */
public final class ClientQuotas {
    /** The user of a connection that has not said who it is, as Kafka calls it. */
    public static final String ANONYMOUS = "ANONYMOUS";

    /** Bound on who is counted at a time for rates, and again for changes; more are counted together. */
    static final int COUNTED_MAX = 10_000;

    private static final SettingsScope OTHERS = new SettingsScope(Map.of());
    private static final double PERCENT_PER_NANOSECOND = 100.0 / TimeUnit.SECONDS.toNanos(1);

    private record Counted(QuotaKey key, SettingsScope sharers) {}

    private final InstantSource clock;
    private final Map<Counted, RateWindow> windows = new ConcurrentHashMap<>();
    private final Map<Counted, MutationTokens> tokens = new ConcurrentHashMap<>();
    private volatile QuotaLimits limits = QuotaLimits.NONE;

    public ClientQuotas(InstantSource clock) {
        this.clock = clock;
    }

    /** Takes over the quotas that the cluster keeps. */
    public void follow(ClusterImage image) {
        limits = QuotaLimits.of(image.settings());
    }

    /** Whether anybody has a quota of this kind. */
    public boolean areSet(QuotaKey key) {
        return limits.has(key);
    }

    /**
     * Counts what a client does.
     *
     * @return how long it must pause, in milliseconds; 0 where it need not
     */
    public int record(QuotaKey key, String clientId, long amount) {
        return count(key, clientId, (double) amount);
    }

    private int count(QuotaKey key, String clientId, double amount) {
        Optional<Limit> limit = limits.find(key, ANONYMOUS, clientId);
        if (limit.isEmpty()) {
            return 0;
        }
        long nowMs = clock.millis();
        long pauseMs = counter(windows, new Counted(key, limit.get().sharers()), RateWindow::new, w -> w.isIdle(nowMs))
                .record(amount, limit.get().perSecond(), nowMs);
        return (int) Math.min(pauseMs, key.pauseMsMax());
    }

    /**
     * Counts the time that a request of a client took of this broker's threads.
     *
     * @return how long it must pause, in milliseconds; 0 where it need not
     */
    public int recordTime(String clientId, long nanoseconds) {
        return count(QuotaKey.REQUEST_PERCENTAGE, clientId, nanoseconds * PERCENT_PER_NANOSECOND);
    }

    /**
     * What a client may change of the cluster's partitions with one request.
     *
     * @param refuses whether the client understands that a change is refused; otherwise it is only told to wait afterwards
     */
    public MutationAllowance mutations(String clientId, boolean refuses) {
        Optional<Limit> limit = limits.find(QuotaKey.CONTROLLER_MUTATION_RATE, ANONYMOUS, clientId);
        if (limit.isEmpty()) {
            return MutationAllowance.UNLIMITED;
        }
        long nowMs = clock.millis();
        double perSecond = limit.get().perSecond();
        var counted = new Counted(QuotaKey.CONTROLLER_MUTATION_RATE, limit.get().sharers());
        MutationTokens account =
                counter(tokens, counted, MutationTokens::new, bucket -> bucket.isFull(perSecond, nowMs));
        return new MutationAllowance(account, perSecond, refuses, nowMs);
    }

    private static <C> C counter(Map<Counted, C> all, Counted counted, Supplier<C> made, Predicate<C> isIdle) {
        C known = all.get(counted);
        if (known != null) {
            return known;
        }
        if (all.size() >= COUNTED_MAX) {
            all.values().removeIf(isIdle);
        }
        Counted who = all.size() >= COUNTED_MAX ? new Counted(counted.key(), OTHERS) : counted;
        return all.computeIfAbsent(who, each -> made.get());
    }
}
