package io.millrace.server.request;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.TopicImage;
import io.millrace.server.configuration.TopicDefaults;
import io.millrace.server.configuration.TopicRules;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/** The rules of each topic, worked out once per configuration. Thread-safe; as large as the number of topics. */
public final class TopicRulesCache {
    private record Entry(Map<String, String> configuration, TopicRules rules) {}

    private final TopicDefaults defaults;
    private final Map<UUID, Entry> entries = new ConcurrentHashMap<>();

    public TopicRulesCache(TopicDefaults defaults) {
        this.defaults = defaults;
    }

    public TopicRules of(TopicImage topic) {
        Entry entry = entries.get(topic.topicId());
        if (entry != null && entry.configuration.equals(topic.configuration())) {
            return entry.rules;
        }
        var rules = TopicRules.of(defaults, topic.configuration());
        entries.put(topic.topicId(), new Entry(topic.configuration(), rules));
        return rules;
    }

    /** Forgets topics that are gone. */
    public void retain(ClusterImage image) {
        entries.keySet().removeIf(topicId -> image.topic(topicId).isEmpty());
    }
}
