package io.millrace.coordinator.group;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** The topics of the cluster at one moment, for groups whose partitions the coordinator assigns. Immutable: a change makes another object. */
public interface TopicCatalog {
    /** A cluster without topics. */
    TopicCatalog EMPTY = new TopicCatalog() {
        @Override
        public Optional<Topic> topic(String name) {
            return Optional.empty();
        }

        @Override
        public Optional<Topic> topic(UUID topicId) {
            return Optional.empty();
        }

        @Override
        public Collection<String> names() {
            return List.of();
        }
    };

    record Topic(UUID topicId, String name, int partitionCount) {}

    Optional<Topic> topic(String name);

    Optional<Topic> topic(UUID topicId);

    /** Of all topics that members may find by a regular expression. */
    Collection<String> names();
}
