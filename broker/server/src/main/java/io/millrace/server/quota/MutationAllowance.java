package io.millrace.server.quota;

import org.jspecify.annotations.Nullable;

/**
 * What one request may change of the cluster's partitions under {@code controller_mutation_rate} (KIP-599).
 *
 * <p>Owned by the handler of the request.
 */
public final class MutationAllowance {
    /** Of clients without a quota. */
    public static final MutationAllowance UNLIMITED = new MutationAllowance(null, 1, true, 0);

    /** What a client is told whose change is refused. */
    public static final String REFUSAL =
            "The client changes more partitions than its controller_mutation_rate allows; it may try again after throttle_time_ms";

    /** So many partitions of one topic are counted at most: more are refused by the controller, and must not be owed for years. */
    private static final int PARTITIONS_MAX = 10_000;

    private final @Nullable MutationTokens account;
    private final double perSecond;
    private final boolean refuses;
    private final long nowMs;
    private boolean owes;

    MutationAllowance(@Nullable MutationTokens account, double perSecond, boolean refuses, long nowMs) {
        this.account = account;
        this.perSecond = perSecond;
        this.refuses = refuses;
        this.nowMs = nowMs;
    }

    /**
     * Counts a change of some partitions, unless it is refused.
     *
     * @return whether it may be made; always for clients that do not understand a refusal
     */
    public boolean admits(int partitions) {
        if (account == null || partitions <= 0) {
            return true;
        }
        int counted = Math.min(partitions, PARTITIONS_MAX);
        if (!refuses) {
            account.owe(counted, perSecond, nowMs);
            owes = true;
            return true;
        }
        boolean isAdmitted = account.take(counted, perSecond, nowMs);
        owes |= !isAdmitted;
        return isAdmitted;
    }

    /** How long the client must wait, in milliseconds: for those of its changes that were refused, or that should have been. */
    public int throttleTimeMs() {
        if (account == null || !owes) {
            return 0;
        }
        return (int) Math.min(Integer.MAX_VALUE, account.debtMs(perSecond, nowMs));
    }

    /** For how long the connection is not read: the same, with a bound. */
    public int pauseMs() {
        return (int) Math.min(throttleTimeMs(), QuotaKey.CONTROLLER_MUTATION_RATE.pauseMsMax());
    }
}
