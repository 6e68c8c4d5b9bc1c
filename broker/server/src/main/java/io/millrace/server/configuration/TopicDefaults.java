package io.millrace.server.configuration;

import java.util.Map;

/**
 * What a broker decides where a topic is silent. Immutable.
 *
 * @param settings by the topics' keys
 */
public record TopicDefaults(Map<String, String> settings, long producerIdExpirationMs) {
    public TopicDefaults {
        settings = Map.copyOf(settings);
    }
}
