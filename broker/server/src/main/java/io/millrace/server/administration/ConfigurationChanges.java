package io.millrace.server.administration;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.MetadataStore;
import io.millrace.metadata.SettingsScope;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.replication.controller.Controller;
import io.millrace.replication.controller.SettingsOutcome;
import io.millrace.server.configuration.BrokerSettings;
import io.millrace.server.configuration.ConfigurationException;
import io.millrace.server.configuration.ConfigurationKey;
import io.millrace.server.configuration.GroupKeys;
import io.millrace.server.configuration.TopicRules;
import io.millrace.server.request.Futures;
import io.millrace.storage.FlushPolicy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Asks the controller on this broker to change configurations. The controller applies the wishes to what is set at that moment, so that two
 * changes at a time do not undo each other.
 *
 * <p>Thread-safe.
 */
final class ConfigurationChanges {
    /**
     * What is to be changed of one resource.
     *
     * @param type a {@link ResourceType}, or another number
     * @param isWhole whether the settings are the whole configuration, not changes of it
     */
    record Wish(byte type, String name, List<SettingWish> settings, boolean isWhole) {
        boolean isOfTheSame(Wish other) {
            return type == other.type && name.equals(other.name);
        }

        private boolean isKnown(ClusterImage image) {
            if (type == ResourceType.TOPIC.code()) {
                return image.topic(name)
                        .filter(topic -> SettingWishes.areFulfilled(settings, topic.configuration()))
                        .isPresent();
            }
            var scope = type == ResourceType.GROUP.code() ? Optional.of(SettingsScope.group(name)) : scope(name);
            return scope.isEmpty() || SettingWishes.areFulfilled(settings, image.settings(scope.get()));
        }
    }

    private final Controller controller;
    private final MetadataStore store;
    private final BrokerSettings brokerSettings;
    private final Function<TopicImage, FlushPolicy> flushPolicies;

    /** @param flushPolicies what a topic's configuration means for when an append counts as kept */
    ConfigurationChanges(
            Controller controller,
            MetadataStore store,
            BrokerSettings brokerSettings,
            Function<TopicImage, FlushPolicy> flushPolicies) {
        this.controller = controller;
        this.store = store;
        this.brokerSettings = brokerSettings;
        this.flushPolicies = flushPolicies;
    }

    /**
     * Changes several resources, each by itself.
     *
     * @return in the order of the wishes; errors are NOT_CONTROLLER, INVALID_REQUEST, INVALID_CONFIG, UNKNOWN_TOPIC_OR_PARTITION, and the
     *     controller's
     */
    CompletableFuture<List<SettingsOutcome>> change(List<Wish> wishes, boolean validateOnly) {
        var outcomes = new ArrayList<CompletableFuture<SettingsOutcome>>();
        for (Wish wish : wishes) {
            boolean isNamedOnce = wishes.stream().filter(wish::isOfTheSame).count() == 1;
            outcomes.add(
                    isNamedOnce
                            ? change(wish, validateOnly)
                            : refused(
                                    ErrorCode.INVALID_REQUEST,
                                    "The request names the resource '" + wish.name() + "' more than once"));
        }
        return Futures.all(outcomes);
    }

    /** Whether an image shows all that has been changed. */
    static boolean areKnown(ClusterImage image, List<Wish> wishes, List<ErrorCode> errors) {
        return IntStream.range(0, Math.min(wishes.size(), errors.size()))
                .allMatch(i -> errors.get(i).isError() || wishes.get(i).isKnown(image));
    }

    private CompletableFuture<SettingsOutcome> change(Wish wish, boolean validateOnly) {
        if (wish.type() == ResourceType.TOPIC.code()) {
            return changeTopic(wish, validateOnly);
        }
        if (wish.type() == ResourceType.BROKER.code()) {
            return changeBrokers(wish, validateOnly);
        }
        if (wish.type() == ResourceType.GROUP.code()) {
            return changeGroup(wish, validateOnly);
        }
        return refused(
                ErrorCode.INVALID_REQUEST,
                "Resources of type "
                        + ResourceType.of(wish.type()).map(ResourceType::name).orElse(Byte.toString(wish.type()))
                        + " cannot be configured here, only TOPIC (2), BROKER (4) and GROUP (32)");
    }

    private static CompletableFuture<SettingsOutcome> refused(ErrorCode error, String message) {
        return CompletableFuture.completedFuture(SettingsOutcome.refused(error, message));
    }

    // ---- topics

    private CompletableFuture<SettingsOutcome> changeTopic(Wish wish, boolean validateOnly) {
        UnaryOperator<SettingsOutcome> rule = before -> ofTopic(wish, before.settings());
        return controller
                .changeConfiguration(wish.name(), rule, validateOnly)
                .thenApply(result -> new SettingsOutcome(
                        result.errorCode(),
                        result.message(),
                        result.topic().map(TopicImage::configuration).orElse(Map.of())));
    }

    private SettingsOutcome ofTopic(Wish wish, Map<String, String> before) {
        try {
            Map<String, String> after = wish.isWhole()
                    ? withKind(before, SettingWishes.replaced(wish.settings()))
                    : SettingWishes.incremented(before, wish.settings(), topicSettings(before));
            checkKind(before, after);
            TopicRules.check(after);
            checkFlushPolicy(wish.name(), before, after);
            return SettingsOutcome.of(after);
        } catch (RefusedException e) {
            return SettingsOutcome.refused(e.error(), e.message());
        } catch (ConfigurationException e) {
            return SettingsOutcome.refused(ErrorCode.INVALID_CONFIG, String.valueOf(e.getMessage()));
        }
    }

    /** What a destination is stays, named or not. */
    private static Map<String, String> withKind(Map<String, String> before, Map<String, String> after) {
        var all = new HashMap<>(after);
        String kind = before.get(DestinationKind.CONFIGURATION_KEY);
        if (kind != null) {
            all.putIfAbsent(DestinationKind.CONFIGURATION_KEY, kind);
        }
        return all;
    }

    private SettingWishes.Subject topicSettings(Map<String, String> configuration) {
        Map<String, ConfigurationKey<?>> keys =
                TopicRules.keys().stream().collect(Collectors.toMap(ConfigurationKey::name, key -> key));
        return new SettingWishes.Subject(keys, key -> brokerSettings
                .topicValues(key, configuration, store.image())
                .get(0)
                .value());
    }

    private static void checkKind(Map<String, String> before, Map<String, String> after) throws RefusedException {
        String was = kind(before);
        String is = kind(after);
        if (!was.equals(is)) {
            throw new RefusedException(
                    ErrorCode.INVALID_CONFIG,
                    DestinationKind.CONFIGURATION_KEY + "=" + is + " cannot be set on a destination that exists; it is "
                            + was + " for ever");
        }
    }

    private static String kind(Map<String, String> configuration) {
        return configuration.getOrDefault(
                DestinationKind.CONFIGURATION_KEY, DestinationKind.TOPIC.configurationValue());
    }

    /** What was only written would from now on be believed to be on the medium. */
    private void checkFlushPolicy(String name, Map<String, String> before, Map<String, String> after)
            throws RefusedException {
        Optional<TopicImage> topic = store.image().topic(name);
        boolean wasWritten = topic.map(known -> flushPolicies.apply(known.withConfiguration(before)))
                .filter(policy -> policy == FlushPolicy.OS)
                .isPresent();
        if (wasWritten && flushPolicies.apply(topic.get().withConfiguration(after)) == FlushPolicy.JOURNAL) {
            throw new RefusedException(
                    ErrorCode.INVALID_CONFIG,
                    "flush.policy of " + name + " cannot become journal: the records that it has need not be on the"
                            + " medium; set it when a topic is created, or keep os");
        }
    }

    // ---- brokers

    private CompletableFuture<SettingsOutcome> changeBrokers(Wish wish, boolean validateOnly) {
        Optional<SettingsScope> scope = scope(wish.name());
        if (scope.isEmpty()) {
            return refused(
                    ErrorCode.INVALID_REQUEST,
                    "'" + wish.name() + "' is no broker; the id of one is right, or nothing for all brokers");
        }
        return controller.changeSettings(scope.get(), before -> ofBrokers(wish, before.settings()), validateOnly);
    }

    private static Optional<SettingsScope> scope(String name) {
        if (name.isEmpty()) {
            return Optional.of(SettingsScope.ALL_BROKERS);
        }
        return name.matches("[0-9]{1,9}")
                ? Optional.of(SettingsScope.broker(Integer.parseInt(name)))
                : Optional.empty();
    }

    private SettingsOutcome ofBrokers(Wish wish, Map<String, String> before) {
        try {
            for (SettingWish setting : wish.settings()) {
                if (!isGone(setting, before)) {
                    checkDynamic(setting.name());
                }
            }
            Map<String, String> after = wish.isWhole()
                    ? SettingWishes.replaced(wish.settings())
                    : SettingWishes.incremented(before, wish.settings(), dynamicSettings());
            after.forEach((name, value) -> brokerSettings.key(name).ifPresent(key -> key.read(value)));
            return SettingsOutcome.of(after);
        } catch (RefusedException e) {
            return SettingsOutcome.refused(e.error(), e.message());
        } catch (ConfigurationException e) {
            return SettingsOutcome.refused(ErrorCode.INVALID_CONFIG, String.valueOf(e.getMessage()));
        }
    }

    /** Tools delete what they might have set, throttles for one, without a look at what is there. */
    private static boolean isGone(SettingWish setting, Map<String, String> settings) {
        return setting.isDeletion() && !settings.containsKey(setting.name());
    }

    private SettingWishes.Subject dynamicSettings() {
        Map<String, ConfigurationKey<?>> keys =
                brokerSettings.dynamic().stream().collect(Collectors.toMap(ConfigurationKey::name, key -> key));
        return new SettingWishes.Subject(
                keys, key -> brokerSettings.values(key, store.image()).get(0).value());
    }

    private void checkDynamic(String name) throws RefusedException {
        if (!brokerSettings.isDynamic(name)) {
            String what = brokerSettings.key(name).isPresent()
                    ? " can only be changed in the file of the broker, with a restart"
                    : " is no setting of brokers";
            throw new RefusedException(
                    ErrorCode.INVALID_REQUEST,
                    name + what + "; while brokers run these can be changed: "
                            + brokerSettings.dynamic().stream()
                                    .map(ConfigurationKey::name)
                                    .sorted()
                                    .collect(Collectors.joining(", ")));
        }
    }

    // ---- groups

    private CompletableFuture<SettingsOutcome> changeGroup(Wish wish, boolean validateOnly) {
        if (wish.name().isEmpty()) {
            return refused(
                    ErrorCode.INVALID_REQUEST,
                    "The id of a group is empty; what is to hold for all groups is set for brokers, group.consumer.*");
        }
        return controller.changeSettings(
                SettingsScope.group(wish.name()), before -> ofGroup(wish, before.settings()), validateOnly);
    }

    private SettingsOutcome ofGroup(Wish wish, Map<String, String> before) {
        try {
            Map<String, ConfigurationKey<?>> keys =
                    GroupKeys.all().stream().collect(Collectors.toMap(ConfigurationKey::name, key -> key));
            var subject = new SettingWishes.Subject(keys, key -> String.valueOf(key.defaultText()));
            Map<String, String> after = wish.isWhole()
                    ? SettingWishes.replaced(wish.settings())
                    : SettingWishes.incremented(before, wish.settings(), subject);
            checkGroup(wish.name(), after);
            return SettingsOutcome.of(after);
        } catch (RefusedException e) {
            return SettingsOutcome.refused(e.error(), e.message());
        } catch (ConfigurationException e) {
            return SettingsOutcome.refused(ErrorCode.INVALID_CONFIG, String.valueOf(e.getMessage()));
        }
    }

    private void checkGroup(String groupId, Map<String, String> after) {
        after.forEach((name, value) -> GroupKeys.key(name)
                .orElseThrow(() -> new ConfigurationException(name + "=" + value
                        + " is no setting of groups; known are "
                        + GroupKeys.all().stream().map(ConfigurationKey::name).collect(Collectors.joining(", "))))
                .read(value));
        var image = store.image().withSettings(SettingsScope.group(groupId), after);
        int sessionMs = brokerSettings.ofGroup(GroupKeys.CONSUMER_SESSION, groupId, image);
        int heartbeatMs = brokerSettings.ofGroup(GroupKeys.CONSUMER_HEARTBEAT, groupId, image);
        if (sessionMs <= heartbeatMs) {
            throw new ConfigurationException(
                    GroupKeys.CONSUMER_SESSION.name() + "=" + sessionMs + " is not valid for group " + groupId
                            + "; it must be greater than " + GroupKeys.CONSUMER_HEARTBEAT.name() + "=" + heartbeatMs);
        }
    }
}
