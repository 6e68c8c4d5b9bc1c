package io.millrace.metadata;

import java.util.Map;
import java.util.UUID;

/** One change that the controller commits. */
public sealed interface MetadataChange {
    UUID topicId();

    record CreateTopic(TopicImage topic) implements MetadataChange {
        @Override
        public UUID topicId() {
            return topic.topicId();
        }
    }

    record DeleteTopic(UUID topicId) implements MetadataChange {}

    /** New states of some partitions of one topic, by partition number. */
    record ChangePartitions(UUID topicId, Map<Integer, PartitionState> partitions) implements MetadataChange {
        public ChangePartitions {
            partitions = Map.copyOf(partitions);
        }
    }

    /** Replaces the whole configuration of a topic. */
    record ChangeConfiguration(UUID topicId, Map<String, String> configuration) implements MetadataChange {
        public ChangeConfiguration {
            configuration = Map.copyOf(configuration);
        }
    }

    /** Other replicas for some partitions of one topic, together with new states of some, so that both are seen at once. */
    record ChangeAssignment(
            UUID topicId, Map<Integer, PartitionAssignment> assignments, Map<Integer, PartitionState> partitions)
            implements MetadataChange {
        public ChangeAssignment {
            assignments = Map.copyOf(assignments);
            partitions = Map.copyOf(partitions);
        }
    }
}
