package io.millrace.server.configuration;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.SettingsScope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The settings of a broker as they can be told and changed: those of its file, and above them those that the cluster keeps for all brokers and
 * for this one (KIP-226). Immutable; what the cluster keeps is asked for with an image.
 *
 * @param given in the file, by name
 * @param topicDefaults the settings that topics may overrule, by the topics' own names for them
 * @param groupDefaults the settings that groups may overrule, by the groups' own names for them
 * @param dynamic the settings that the cluster may keep
 * @param producerIdExpiration {@code producer.id.expiration.ms}
 */
public record BrokerSettings(
        int brokerId,
        List<ConfigurationKey<?>> keys,
        Map<String, String> given,
        Map<String, ConfigurationKey<?>> topicDefaults,
        Map<String, ConfigurationKey<?>> groupDefaults,
        List<ConfigurationKey<?>> dynamic,
        ConfigurationKey<Integer> producerIdExpiration) {

    public Optional<ConfigurationKey<?>> key(String name) {
        return keys.stream().filter(key -> key.name().equals(name)).findFirst();
    }

    public boolean isDynamic(String name) {
        return dynamic.stream().anyMatch(key -> key.name().equals(name));
    }

    /** The values of a broker's setting, the one that counts first; none where the operator had to decide and the default is missing. */
    public List<SettingValue> values(ConfigurationKey<?> key, ClusterImage image) {
        var values = new ArrayList<SettingValue>();
        String name = key.name();
        add(values, name, image.settings(SettingsScope.broker(brokerId)), SettingSource.DYNAMIC_BROKER_CONFIG);
        add(values, name, image.settings(SettingsScope.ALL_BROKERS), SettingSource.DYNAMIC_DEFAULT_BROKER_CONFIG);
        add(values, name, given, SettingSource.STATIC_BROKER_CONFIG);
        String byDefault = key.defaultText();
        if (byDefault != null) {
            values.add(new SettingValue(name, byDefault, SettingSource.DEFAULT_CONFIG));
        }
        return values;
    }

    private static void add(
            List<SettingValue> values, String name, Map<String, String> settings, SettingSource source) {
        String value = settings.get(name);
        if (value != null) {
            values.add(new SettingValue(name, value, source));
        }
    }

    /** What holds for a broker's setting. A value that the cluster keeps and that means nothing here counts as not kept. */
    public <T> Optional<T> effective(ConfigurationKey<T> key, ClusterImage image) {
        return values(key, image).stream()
                .flatMap(value -> key.type().parse(value.value().strip()).stream())
                .findFirst();
    }

    /** The values of a topic's setting, the one that counts first. */
    public List<SettingValue> topicValues(
            ConfigurationKey<?> key, Map<String, String> configuration, ClusterImage image) {
        var values = new ArrayList<SettingValue>();
        add(values, key.name(), configuration, SettingSource.DYNAMIC_TOPIC_CONFIG);
        addDefaults(values, key, topicDefaults, image);
        return values;
    }

    /** The values of a group's setting, the one that counts first. */
    public List<SettingValue> groupValues(ConfigurationKey<?> key, String groupId, ClusterImage image) {
        var values = new ArrayList<SettingValue>();
        add(values, key.name(), image.settings(SettingsScope.group(groupId)), SettingSource.DYNAMIC_GROUP_CONFIG);
        addDefaults(values, key, groupDefaults, image);
        return values;
    }

    private void addDefaults(
            List<SettingValue> values,
            ConfigurationKey<?> key,
            Map<String, ConfigurationKey<?>> defaults,
            ClusterImage image) {
        ConfigurationKey<?> ofBroker = defaults.get(key.name());
        if (ofBroker != null) {
            values.addAll(values(ofBroker, image));
        } else if (key.defaultText() != null) {
            values.add(new SettingValue(key.name(), key.defaultText(), SettingSource.DEFAULT_CONFIG));
        }
    }

    /** What holds for a group's setting. A value that the cluster keeps and that means nothing here counts as not kept. */
    public <T> T ofGroup(ConfigurationKey<T> key, String groupId, ClusterImage image) {
        return groupValues(key, groupId, image).stream()
                .flatMap(value -> key.type().parse(value.value().strip()).stream())
                .findFirst()
                .orElseGet(() -> key.read(null));
    }

    /** What topics get that are silent about it. A value that the cluster keeps and that means nothing here counts as not kept. */
    public TopicDefaults topicDefaults(ClusterImage image) {
        var settings = new HashMap<String, String>();
        topicDefaults.forEach((topicKey, key) -> values(key, image).stream()
                .filter(value -> key.type().parse(value.value().strip()).isPresent())
                .findFirst()
                .ifPresent(value -> settings.put(topicKey, value.value().strip())));
        return new TopicDefaults(
                settings, effective(producerIdExpiration, image).orElseGet(() -> producerIdExpiration.read(null)));
    }
}
