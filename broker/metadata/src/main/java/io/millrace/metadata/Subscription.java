package io.millrace.metadata;

/**
 * A subscription of a topic that brokers keep a cursor for. Immutable.
 *
 * @param number the how many-th subscription of its topic this is, which names it for ever: one that is deleted and created again under the same name
 *     has another number, so that no leader takes over the cursor of the former
 * @param identity what its consumers call it
 * @param isShared whether several consumers may have it at once
 * @param selector which messages belong to it; empty for all
 * @param noLocal whether what its own client has sent does not belong to it
 * @param firstPartitions how many partitions the topic had when it was created: in these it begins at their ends, in those that are added
 *     later at their beginnings
 */
public record Subscription(
        long number, Identity identity, boolean isShared, String selector, boolean noLocal, int firstPartitions) {

    /** The longest name, client id or selector, in characters. */
    public static final int TEXT_MAX = 4_096;

    /**
     * What the consumers of a subscription call it. Two subscriptions never have the same one.
     *
     * @param clientId empty for a shared one that belongs to no client
     * @param isDurable whether it stays while it has no consumer
     */
    public record Identity(String clientId, String name, boolean isDurable) {
        @Override
        public String toString() {
            return "'" + name + "'" + (clientId.isEmpty() ? "" : " of client '" + clientId + "'");
        }
    }

    /** What its cursors, fetches and acknowledgements call it. */
    public String key() {
        return Long.toString(number);
    }

    /** This subscription with other rules of what belongs to it. */
    public Subscription selecting(String newSelector, boolean newNoLocal) {
        return new Subscription(number, identity, isShared, newSelector, newNoLocal, firstPartitions);
    }
}
