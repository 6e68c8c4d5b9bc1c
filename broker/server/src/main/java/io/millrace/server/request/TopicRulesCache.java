package io.millrace.server.request;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.TopicImage;
import io.millrace.server.configuration.BrokerSettings;
import io.millrace.server.configuration.TopicDefaults;
import io.millrace.server.configuration.TopicRules;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** The rules of each topic, worked out once per configuration and per defaults of the broker. Thread-safe; as large as the number of topics. */
public final class TopicRulesCache {
    private record Entry(TopicDefaults defaults, Map<String, String> configuration, TopicRules rules) {}

    private final BrokerSettings settings;
    private final Map<UUID, Entry> entries = new ConcurrentHashMap<>();
    private volatile TopicDefaults defaults;

    public TopicRulesCache(BrokerSettings settings, ClusterImage image) {
        this.settings = settings;
        this.defaults = settings.topicDefaults(image);
    }

    public TopicRules of(TopicImage topic) {
        TopicDefaults now = defaults;
        Entry entry = entries.get(topic.topicId());
        if (entry != null && entry.defaults.equals(now) && entry.configuration.equals(topic.configuration())) {
            return entry.rules;
        }
        var rules = TopicRules.of(now, topic.configuration());
        entries.put(topic.topicId(), new Entry(now, topic.configuration(), rules));
        return rules;
    }

    /** Takes over the defaults that the cluster keeps; answers whether they are others than before. One thread at a time. */
    public boolean follow(ClusterImage image) {
        var latest = settings.topicDefaults(image);
        if (latest.equals(defaults)) {
            return false;
        }
        defaults = latest;
        return true;
    }

    /** Forgets topics that are gone. */
    public void retain(ClusterImage image) {
        entries.keySet().removeIf(topicId -> image.topic(topicId).isEmpty());
    }
}
