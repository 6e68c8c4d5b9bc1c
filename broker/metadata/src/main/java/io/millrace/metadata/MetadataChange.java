package io.millrace.metadata;

import java.util.Map;
import java.util.UUID;

/** One change that the controller commits. */
public sealed interface MetadataChange {

    /** A change of one topic. */
    sealed interface OfTopic extends MetadataChange {
        UUID topicId();
    }

    record CreateTopic(TopicImage topic) implements OfTopic {
        @Override
        public UUID topicId() {
            return topic.topicId();
        }
    }

    record DeleteTopic(UUID topicId) implements OfTopic {}

    /** New states of some partitions of one topic, by partition number. */
    record ChangePartitions(UUID topicId, Map<Integer, PartitionState> partitions) implements OfTopic {
        public ChangePartitions {
            partitions = Map.copyOf(partitions);
        }
    }

    /** Replaces the whole configuration of a topic. */
    record ChangeConfiguration(UUID topicId, Map<String, String> configuration) implements OfTopic {
        public ChangeConfiguration {
            configuration = Map.copyOf(configuration);
        }
    }

    /**
     * Other replicas for some partitions of one topic, together with new states of some, so that both are seen at once. Partitions that follow
     * the last one without a gap are new.
     */
    record ChangeAssignment(
            UUID topicId, Map<Integer, PartitionAssignment> assignments, Map<Integer, PartitionState> partitions)
            implements OfTopic {
        public ChangeAssignment {
            assignments = Map.copyOf(assignments);
            partitions = Map.copyOf(partitions);
        }
    }

    /**
     * Replaces the subscriptions of a topic, together with what {@link ChangeAssignment} may change, so that all is seen at once: with the first subscription,
     * leaders begin anew, with a cursor log.
     */
    record ChangeSubscriptions(
            UUID topicId,
            TopicSubscriptions subscriptions,
            Map<Integer, PartitionAssignment> assignments,
            Map<Integer, PartitionState> partitions)
            implements OfTopic {
        public ChangeSubscriptions {
            assignments = Map.copyOf(assignments);
            partitions = Map.copyOf(partitions);
        }
    }

    /** Replaces all settings of a scope; none at all end it. */
    record ChangeSettings(SettingsScope scope, Map<String, String> settings) implements MetadataChange {
        public ChangeSettings {
            settings = Map.copyOf(settings);
        }
    }
}
