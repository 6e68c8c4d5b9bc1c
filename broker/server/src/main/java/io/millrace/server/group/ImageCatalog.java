package io.millrace.server.group;

import io.millrace.coordinator.group.TopicCatalog;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.TopicImage;
import java.util.Collection;
import java.util.Optional;
import java.util.UUID;

/** The topics of an image of the cluster. Regular expressions find neither queues nor internal topics. Immutable. */
record ImageCatalog(ClusterImage image) implements TopicCatalog {
    private static final String INTERNAL_PREFIX = "__";

    @Override
    public Optional<Topic> topic(String name) {
        return image.topic(name).map(ImageCatalog::of);
    }

    @Override
    public Optional<Topic> topic(UUID topicId) {
        return image.topic(topicId).map(ImageCatalog::of);
    }

    private static Topic of(TopicImage topic) {
        return new Topic(topic.topicId(), topic.name(), topic.partitionCount());
    }

    @Override
    public Collection<String> names() {
        return image.topics().stream()
                .filter(topic ->
                        topic.kind() == DestinationKind.TOPIC && !topic.name().startsWith(INTERNAL_PREFIX))
                .map(TopicImage::name)
                .toList();
    }

    /** Whether an image has other topics than this one, or other numbers of partitions; leaders come and go without that. */
    boolean differsFrom(ClusterImage other) {
        return !other.deletedTopics(image).isEmpty()
                || other.changedTopics(image).stream().anyMatch(topic -> image.topic(topic.topicId())
                        .map(before -> before.partitionCount() != topic.partitionCount())
                        .orElse(true));
    }
}
