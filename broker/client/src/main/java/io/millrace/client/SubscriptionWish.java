package io.millrace.client;

/**
 * A subscription that is to be there.
 *
 * @param clientId empty for a shared one that belongs to no client
 * @param isDurable whether it stays while it has no consumer; one that is not shared must
 * @param isShared whether several consumers may have it at once
 * @param selector which messages belong to it; empty for all
 * @param noLocal whether what its own client has sent does not belong to it
 */
public record SubscriptionWish(
        String topic,
        String clientId,
        String name,
        boolean isDurable,
        boolean isShared,
        String selector,
        boolean noLocal) {

    public static SubscriptionWish durable(String topic, String clientId, String name) {
        return new SubscriptionWish(topic, clientId, name, true, false, "", false);
    }

    public static SubscriptionWish sharedDurable(String topic, String clientId, String name) {
        return new SubscriptionWish(topic, clientId, name, true, true, "", false);
    }

    public static SubscriptionWish shared(String topic, String clientId, String name) {
        return new SubscriptionWish(topic, clientId, name, false, true, "", false);
    }

    public SubscriptionWish selecting(String newSelector, boolean newNoLocal) {
        return new SubscriptionWish(topic, clientId, name, isDurable, isShared, newSelector, newNoLocal);
    }

    boolean isMetBy(SubscriptionDescription known) {
        return known.clientId().equals(clientId) && known.name().equals(name) && known.isDurable() == isDurable;
    }

    @Override
    public String toString() {
        return "subscription \"" + name + "\"" + (clientId.isEmpty() ? "" : " of client \"" + clientId + "\"");
    }
}
