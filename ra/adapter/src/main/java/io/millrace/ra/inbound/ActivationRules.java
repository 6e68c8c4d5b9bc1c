package io.millrace.ra.inbound;

import io.millrace.ra.configuration.Placeholders;
import io.millrace.selector.InvalidSelectorSyntaxException;
import io.millrace.selector.MessageSelector;
import jakarta.jms.Queue;
import jakarta.jms.Topic;
import jakarta.resource.spi.InvalidPropertyException;
import java.beans.IntrospectionException;
import java.beans.PropertyDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an activation specification may say.
 *
 * <p>Collects every finding, so that a deployer corrects them in one go. Owned by the calling thread.
 */
final class ActivationRules {
    static final int SESSIONS_MAX = 1_000;
    static final int PREFETCH_MAX = 100_000;

    private static final String DUPS_OK = "dups-ok-acknowledge";
    private static final Set<String> ACKNOWLEDGE_MODES = Set.of("auto-acknowledge", DUPS_OK);

    private final MillraceActivationSpec spec;
    private final List<String> findings = new ArrayList<>();
    private final List<PropertyDescriptor> properties = new ArrayList<>();

    private ActivationRules(MillraceActivationSpec spec) {
        this.spec = spec;
    }

    static void check(MillraceActivationSpec spec) throws InvalidPropertyException {
        ActivationRules rules = new ActivationRules(spec);
        rules.checkDestination();
        rules.checkModes();
        rules.checkBounds();
        rules.checkSelector();
        rules.refuseWhatDoesNotWorkYet();
        rules.report();
    }

    /** Whether the mode lets acknowledgements lag behind. */
    static boolean isLazy(@Nullable String acknowledgeMode) {
        return text(acknowledgeMode).equalsIgnoreCase(DUPS_OK);
    }

    private void checkDestination() {
        String destination = text(spec.getDestination());
        String lookup = text(spec.getDestinationLookup());
        if (destination.isEmpty() && lookup.isEmpty()) {
            refuse("destination", null, "name the queue or topic, or give its JNDI name as destinationLookup");
        }
        if (!destination.isEmpty() && !lookup.isEmpty()) {
            refuse("destination", destination, "destinationLookup is '" + lookup + "' as well; give one of them");
        }
        if (destination.startsWith("java:")) {
            refuse("destination", destination, "it is the name in the cluster; give JNDI names as destinationLookup");
        }
        checkPlaceholders("destination", destination);
        String type = text(spec.getDestinationType());
        boolean lacking = type.isEmpty() && lookup.isEmpty();
        if (lacking || (!type.isEmpty() && !isKnown(type))) {
            refuse("destinationType", type, "it must be " + Queue.class.getName() + " or " + Topic.class.getName());
        }
    }

    private static boolean isKnown(String destinationType) {
        return destinationType.equals(Queue.class.getName()) || destinationType.equals(Topic.class.getName());
    }

    private void checkPlaceholders(String property, String value) {
        try {
            Placeholders.resolve(value);
        } catch (IllegalArgumentException e) {
            refuse(property, value, String.valueOf(e.getMessage()));
        }
    }

    private void checkModes() {
        String mode = text(spec.getAcknowledgeMode());
        if (!mode.isEmpty() && !ACKNOWLEDGE_MODES.contains(mode.toLowerCase(Locale.ROOT))) {
            refuse("acknowledgeMode", mode, "it must be Auto-acknowledge or Dups-ok-acknowledge");
        }
        String durability = text(spec.getSubscriptionDurability());
        if (!durability.isEmpty() && !durability.equalsIgnoreCase("NonDurable")) {
            refuse(
                    "subscriptionDurability",
                    durability,
                    "durable subscriptions are not supported yet; use NonDurable, or a queue");
        }
        String shared = text(spec.getShareSubscriptions());
        if (!shared.isEmpty() && !shared.equalsIgnoreCase("false")) {
            refuse("shareSubscriptions", shared, "shared subscriptions are not supported yet; leave it out");
        }
    }

    private void checkBounds() {
        checkBound("maxSessions", spec.getMaxSessions(), SESSIONS_MAX);
        checkBound("prefetch", spec.getPrefetch(), PREFETCH_MAX);
        if (spec.getCreateDestination() == null) {
            refuse("createDestination", null, "it must be true or false");
        }
    }

    private void checkBound(String property, @Nullable Integer value, int max) {
        if (value == null || value < 1 || value > max) {
            refuse(property, value, "it must be between 1 and " + max);
        }
    }

    private void checkSelector() {
        String selector = text(spec.getMessageSelector());
        try {
            MessageSelector.parse(selector);
        } catch (InvalidSelectorSyntaxException e) {
            refuse("messageSelector", selector, String.valueOf(e.getMessage()));
        }
        if (!selector.isEmpty() && text(spec.getDestinationType()).equals(Topic.class.getName())) {
            refuse("messageSelector", selector, "it is not supported on topics yet; use a queue, or leave it out");
        }
    }

    private void refuseWhatDoesNotWorkYet() {
        refuseIfGiven("subscriptionName", spec.getSubscriptionName());
        refuseIfGiven("consumerGroup", spec.getConsumerGroup());
        refuseIfGiven("maxDeliveries", spec.getMaxDeliveries());
        refuseIfGiven("redeliveryDelay", spec.getRedeliveryDelay());
        refuseIfGiven("deadLetterDestination", spec.getDeadLetterDestination());
        refuseIfGiven("pauseAfterFailures", spec.getPauseAfterFailures());
        refuseIfGiven("replayFrom", spec.getReplayFrom());
    }

    private void refuseIfGiven(String property, @Nullable String value) {
        if (!text(value).isEmpty()) {
            refuse(property, value, "it is not supported yet; leave it out");
        }
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value.trim();
    }

    private void refuse(String property, @Nullable Object value, String whatIsRight) {
        String found = value == null || value.equals("") ? " is missing" : " is '" + value + "'";
        findings.add("activation property " + property + found + ": " + whatIsRight);
        try {
            properties.add(new PropertyDescriptor(property, MillraceActivationSpec.class));
        } catch (IntrospectionException e) {
            throw new IllegalStateException("the activation specification has no property " + property, e);
        }
    }

    private void report() throws InvalidPropertyException {
        if (findings.isEmpty()) {
            return;
        }
        InvalidPropertyException refused = new InvalidPropertyException(String.join("; ", findings));
        refused.setInvalidPropertyDescriptors(properties.toArray(PropertyDescriptor[]::new));
        throw refused;
    }
}
