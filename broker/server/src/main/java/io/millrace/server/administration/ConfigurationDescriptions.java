package io.millrace.server.administration;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.SettingsScope;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.DescribeConfigsRequest;
import io.millrace.protocol.message.DescribeConfigsResponse;
import io.millrace.protocol.message.DescribeConfigsResponse.Config;
import io.millrace.protocol.message.DescribeConfigsResponse.Result;
import io.millrace.protocol.message.DescribeConfigsResponse.Synonym;
import io.millrace.server.configuration.BrokerSettings;
import io.millrace.server.configuration.ConfigurationKey;
import io.millrace.server.configuration.GroupKeys;
import io.millrace.server.configuration.SettingSource;
import io.millrace.server.configuration.SettingValue;
import io.millrace.server.configuration.TopicRules;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tells how topics, groups and this broker are configured, and where each value comes from.
 *
 * <p>Immutable. Errors of a resource: UNKNOWN_TOPIC_OR_PARTITION, and INVALID_REQUEST for another broker and for what is not configured here.
 */
record ConfigurationDescriptions(BrokerSettings settings) {

    DescribeConfigsResponse describe(ClusterImage image, DescribeConfigsRequest request) {
        return new DescribeConfigsResponse(
                0,
                request.resources().stream()
                        .map(resource -> describe(image, request, resource))
                        .toList());
    }

    private Result describe(
            ClusterImage image, DescribeConfigsRequest request, DescribeConfigsRequest.Resource resource) {
        try {
            var found = entries(image, resource);
            List<String> wanted = resource.configurationKeys();
            var configs = new ArrayList<Config>();
            for (Entry entry : found) {
                if (wanted == null || wanted.contains(entry.key().name())) {
                    configs.add(entry.answer(request));
                }
            }
            return new Result(ErrorCode.NONE, null, resource.resourceType(), resource.resourceName(), configs);
        } catch (RefusedException e) {
            return Result.error(resource.resourceType(), resource.resourceName(), e.error(), e.message());
        }
    }

    private List<Entry> entries(ClusterImage image, DescribeConfigsRequest.Resource resource) throws RefusedException {
        Optional<ResourceType> type = ResourceType.of(resource.resourceType());
        if (type.equals(Optional.of(ResourceType.TOPIC))) {
            return ofTopic(image, resource.resourceName());
        }
        if (type.equals(Optional.of(ResourceType.BROKER))) {
            return ofBroker(image, resource.resourceName());
        }
        if (type.equals(Optional.of(ResourceType.GROUP))) {
            return ofGroup(image, resource.resourceName());
        }
        throw new RefusedException(
                ErrorCode.INVALID_REQUEST,
                "Resources of type " + type.map(ResourceType::name).orElse(Byte.toString(resource.resourceType()))
                        + " have no configuration here, only TOPIC (2), BROKER (4) and GROUP (32)");
    }

    private List<Entry> ofTopic(ClusterImage image, String name) throws RefusedException {
        TopicImage topic = image.topic(name)
                .orElseThrow(() ->
                        new RefusedException(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, "There is no topic '" + name + "'"));
        return TopicRules.keys().stream()
                .map(key -> new Entry(
                        key,
                        settings.topicValues(key, topic.configuration(), image),
                        key.name().equals(DestinationKind.CONFIGURATION_KEY)))
                .toList();
    }

    /** A group need not exist to be configured. */
    private List<Entry> ofGroup(ClusterImage image, String groupId) throws RefusedException {
        if (groupId.isEmpty()) {
            throw new RefusedException(
                    ErrorCode.INVALID_REQUEST,
                    "The id of a group is empty; what holds for groups without settings of their own is told of brokers");
        }
        return GroupKeys.all().stream()
                .map(key -> new Entry(key, settings.groupValues(key, groupId, image), false))
                .toList();
    }

    private List<Entry> ofBroker(ClusterImage image, String name) throws RefusedException {
        if (name.isEmpty()) {
            return ofAllBrokers(image);
        }
        if (!name.equals(Integer.toString(settings.brokerId()))) {
            throw new RefusedException(
                    ErrorCode.INVALID_REQUEST,
                    "This is broker " + settings.brokerId() + ", which does not know how '" + name
                            + "' is configured; ask that broker, or name none for what holds for all");
        }
        return settings.keys().stream()
                .map(key -> new Entry(key, settings.values(key, image), !settings.isDynamic(key.name())))
                .toList();
    }

    private List<Entry> ofAllBrokers(ClusterImage image) {
        var kept = image.settings(SettingsScope.ALL_BROKERS);
        var entries = new ArrayList<Entry>();
        for (ConfigurationKey<?> key : settings.dynamic()) {
            String value = kept.get(key.name());
            if (value != null) {
                var only = new SettingValue(key.name(), value, SettingSource.DYNAMIC_DEFAULT_BROKER_CONFIG);
                entries.add(new Entry(key, List.of(only), false));
            }
        }
        return entries;
    }

    /** One setting to tell of. */
    private record Entry(ConfigurationKey<?> key, Collection<SettingValue> values, boolean isReadOnly) {
        Config answer(DescribeConfigsRequest request) {
            Optional<SettingValue> effective = values.stream().findFirst();
            List<Synonym> synonyms = request.includeSynonyms()
                    ? values.stream()
                            .map(value -> new Synonym(
                                    value.name(),
                                    shown(value.value()),
                                    value.source().code()))
                            .toList()
                    : List.of();
            return new Config(
                    key.name(),
                    effective.map(SettingValue::value).map(this::shown).orElse(null),
                    isReadOnly,
                    effective
                            .map(SettingValue::source)
                            .orElse(SettingSource.DEFAULT_CONFIG)
                            .code(),
                    key.isSensitive(),
                    synonyms,
                    key.type().kind().code(),
                    request.includeDocumentation()
                            ? key.purpose() + " (" + key.type().legal() + ")"
                            : null);
        }

        private @Nullable String shown(String value) {
            return key.isSensitive() ? null : value;
        }
    }
}
