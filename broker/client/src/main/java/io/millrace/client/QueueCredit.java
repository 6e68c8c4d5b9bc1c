package io.millrace.client;

/**
 * How many messages a queue consumer has room for, and how that is shared by the leaders of its partitions.
 *
 * <p>What is neither received nor asked for of {@code prefetch} is shared evenly by the leaders that have no fetch under
 * way. Each gets at least one while nothing waits to be received, so with fewer credits than leaders as many messages as
 * leaders may be acquired ahead; otherwise a message of the last leader would have to wait for the others.
 *
 * @param prefetch the most messages acquired and not yet received
 * @param arrived how many of them wait to be received
 * @param unanswered how many fetches under way may still bring
 */
record QueueCredit(int prefetch, int arrived, int unanswered) {
    /** Unless nothing waits to be received, credit is given in portions of at least this part of a leader's share. */
    private static final int PORTIONS_PER_SHARE = 2;

    /**
     * How many messages the next leader is asked for; 0: it is not worth a fetch yet.
     *
     * @param idleLeaders those without a fetch under way, the next one included
     * @param leaders those that have been asked so far
     */
    int share(int idleLeaders, int leaders) {
        int share = (prefetch - arrived - unanswered) / Math.max(1, idleLeaders);
        if (arrived == 0) {
            return Math.max(1, share);
        }
        int portion = Math.max(1, prefetch / (PORTIONS_PER_SHARE * Math.max(1, leaders)));
        return share >= portion ? share : 0;
    }

    /** Whether receiving one more has made so much room that leaders may be asked again. */
    static boolean isWorthAsking(int prefetch, int arrived) {
        return arrived <= prefetch / PORTIONS_PER_SHARE;
    }
}
