package io.millrace.ra.inbound;

import jakarta.resource.spi.ActivationSpec;
import jakarta.resource.spi.InvalidPropertyException;
import jakarta.resource.spi.ResourceAdapter;
import java.io.Serial;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * How a message-driven bean is fed: the activation properties of Jakarta Messaging, and Millrace's own.
 *
 * <p>Properties of the specification, or announced by Millrace, that do not work yet have setters too, so that
 * {@link #validate()} can refuse them; a server drops what has no setter, and the bean would run without it.
 *
 * <p>Identity is that of the object: servers pair it with an endpoint factory.
 */
public final class MillraceActivationSpec implements ActivationSpec, Serializable {
    public static final int DEFAULT_MAX_SESSIONS = 10;
    public static final int DEFAULT_PREFETCH = 100;

    @Serial
    private static final long serialVersionUID = 1;

    private transient @Nullable ResourceAdapter resourceAdapter;

    private @Nullable String destination;
    private @Nullable String destinationType;
    private @Nullable String destinationLookup;
    private @Nullable String connectionFactoryLookup;
    private @Nullable String acknowledgeMode;
    private @Nullable String clientId;
    private @Nullable Integer maxSessions = DEFAULT_MAX_SESSIONS;
    private @Nullable Integer prefetch = DEFAULT_PREFETCH;
    private @Nullable Boolean createDestination = true;

    private @Nullable String messageSelector;
    private @Nullable String subscriptionDurability;
    private @Nullable String subscriptionName;
    private @Nullable String shareSubscriptions;
    private @Nullable String consumerGroup;
    private @Nullable String maxDeliveries;
    private @Nullable String redeliveryDelay;
    private @Nullable String deadLetterDestination;
    private @Nullable String pauseAfterFailures;
    private @Nullable String replayFrom;

    /** @throws InvalidPropertyException naming every property that is wrong, its value, and what is right */
    @Override
    public void validate() throws InvalidPropertyException {
        ActivationRules.check(this);
    }

    @Override
    public @Nullable ResourceAdapter getResourceAdapter() {
        return resourceAdapter;
    }

    @Override
    public void setResourceAdapter(@Nullable ResourceAdapter resourceAdapter) {
        this.resourceAdapter = resourceAdapter;
    }

    public @Nullable String getDestination() {
        return destination;
    }

    /** The name of the queue or topic in the cluster; may hold {@code ${property:default}}. */
    public void setDestination(@Nullable String destination) {
        this.destination = destination;
    }

    public @Nullable String getDestinationType() {
        return destinationType;
    }

    /** {@code jakarta.jms.Queue} or {@code jakarta.jms.Topic}. */
    public void setDestinationType(@Nullable String destinationType) {
        this.destinationType = destinationType;
    }

    public @Nullable String getDestinationLookup() {
        return destinationLookup;
    }

    /** The JNDI name of a queue or topic, instead of {@code destination}. */
    public void setDestinationLookup(@Nullable String destinationLookup) {
        this.destinationLookup = destinationLookup;
    }

    public @Nullable String getConnectionFactoryLookup() {
        return connectionFactoryLookup;
    }

    /** The JNDI name of a Millrace connection factory whose cluster is used instead of the adapter's. */
    public void setConnectionFactoryLookup(@Nullable String connectionFactoryLookup) {
        this.connectionFactoryLookup = connectionFactoryLookup;
    }

    public @Nullable String getAcknowledgeMode() {
        return acknowledgeMode;
    }

    /** {@code Auto-acknowledge} or {@code Dups-ok-acknowledge}. */
    public void setAcknowledgeMode(@Nullable String acknowledgeMode) {
        this.acknowledgeMode = acknowledgeMode;
    }

    public @Nullable String getClientId() {
        return clientId;
    }

    /** Named in the requests of this activation. */
    public void setClientId(@Nullable String clientId) {
        this.clientId = clientId;
    }

    public @Nullable Integer getMaxSessions() {
        return maxSessions;
    }

    /** The most messages that are delivered at the same time. */
    public void setMaxSessions(@Nullable Integer maxSessions) {
        this.maxSessions = maxSessions;
    }

    public @Nullable Integer getPrefetch() {
        return prefetch;
    }

    /** The most messages of a queue that are acquired ahead, by all sessions together. */
    public void setPrefetch(@Nullable Integer prefetch) {
        this.prefetch = prefetch;
    }

    public @Nullable Boolean getCreateDestination() {
        return createDestination;
    }

    /** Whether a destination that is missing is created with the brokers' defaults. */
    public void setCreateDestination(@Nullable Boolean createDestination) {
        this.createDestination = createDestination;
    }

    public @Nullable String getMessageSelector() {
        return messageSelector;
    }

    public void setMessageSelector(@Nullable String messageSelector) {
        this.messageSelector = messageSelector;
    }

    public @Nullable String getSubscriptionDurability() {
        return subscriptionDurability;
    }

    public void setSubscriptionDurability(@Nullable String subscriptionDurability) {
        this.subscriptionDurability = subscriptionDurability;
    }

    public @Nullable String getSubscriptionName() {
        return subscriptionName;
    }

    public void setSubscriptionName(@Nullable String subscriptionName) {
        this.subscriptionName = subscriptionName;
    }

    public @Nullable String getShareSubscriptions() {
        return shareSubscriptions;
    }

    public void setShareSubscriptions(@Nullable String shareSubscriptions) {
        this.shareSubscriptions = shareSubscriptions;
    }

    public @Nullable String getConsumerGroup() {
        return consumerGroup;
    }

    public void setConsumerGroup(@Nullable String consumerGroup) {
        this.consumerGroup = consumerGroup;
    }

    public @Nullable String getMaxDeliveries() {
        return maxDeliveries;
    }

    public void setMaxDeliveries(@Nullable String maxDeliveries) {
        this.maxDeliveries = maxDeliveries;
    }

    public @Nullable String getRedeliveryDelay() {
        return redeliveryDelay;
    }

    public void setRedeliveryDelay(@Nullable String redeliveryDelay) {
        this.redeliveryDelay = redeliveryDelay;
    }

    public @Nullable String getDeadLetterDestination() {
        return deadLetterDestination;
    }

    public void setDeadLetterDestination(@Nullable String deadLetterDestination) {
        this.deadLetterDestination = deadLetterDestination;
    }

    public @Nullable String getPauseAfterFailures() {
        return pauseAfterFailures;
    }

    public void setPauseAfterFailures(@Nullable String pauseAfterFailures) {
        this.pauseAfterFailures = pauseAfterFailures;
    }

    public @Nullable String getReplayFrom() {
        return replayFrom;
    }

    public void setReplayFrom(@Nullable String replayFrom) {
        this.replayFrom = replayFrom;
    }
}
