package io.millrace.metadata;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;

/**
 * Makes images from one another, many changes at the cost of one: a bucket is copied by the first change that touches it after an image was
 * taken, not by each.
 *
 * <p>Owned by one thread. The images that it gives away never change.
 */
public final class ClusterImageEditor {
    private ClusterImage image;
    /** Whether topics differ from those of the image. */
    private boolean isChanged;

    private List<Map<UUID, TopicImage>> byId;
    private List<Map<String, UUID>> byName;
    private int count;
    private final BitSet ownedById = new BitSet(ClusterImage.BUCKETS);
    private final BitSet ownedByName = new BitSet(ClusterImage.BUCKETS);

    public ClusterImageEditor(ClusterImage image) {
        this.image = image;
        this.byId = image.byId();
        this.byName = image.byName();
        this.count = image.topicCount();
    }

    /** The image after all changes so far; the same one until the next change. */
    public ClusterImage image() {
        if (isChanged) {
            image = image.withTopics(byId, byName, count);
            isChanged = false;
            ownedById.clear();
            ownedByName.clear();
        }
        return image;
    }

    /** Changes something else than topics. */
    public void change(UnaryOperator<ClusterImage> change) {
        image = change.apply(image);
    }

    public Optional<TopicImage> topic(UUID topicId) {
        return Optional.ofNullable(byId.get(ClusterImage.bucketOf(topicId)).get(topicId));
    }

    /** Adds a topic or replaces it. Where two topics bear one name, the one added last is found by it. */
    public void put(TopicImage topic) {
        beginChange();
        TopicImage before = ownById(topic.topicId()).put(topic.topicId(), topic);
        if (before == null || !before.name().equals(topic.name())) {
            ownByName(topic.name()).put(topic.name(), topic.topicId());
        }
        if (before == null) {
            count++;
        }
    }

    /** Does nothing where there is no such topic. */
    public void remove(UUID topicId) {
        Optional<TopicImage> gone = topic(topicId);
        if (gone.isEmpty()) {
            return;
        }
        beginChange();
        ownById(topicId).remove(topicId);
        String name = gone.get().name();
        if (topicId.equals(byName.get(ClusterImage.bucketOf(name)).get(name))) {
            ownByName(name).remove(name);
        }
        count--;
    }

    /** A change to a topic that is not there leaves everything as it is. */
    public void apply(MetadataChange change) {
        if (change instanceof MetadataChange.CreateTopic create) {
            put(create.topic());
        } else if (change instanceof MetadataChange.DeleteTopic delete) {
            remove(delete.topicId());
        } else if (change instanceof MetadataChange.ChangeSettings settings) {
            change(before -> before.withSettings(settings.scope(), settings.settings()));
        } else if (change instanceof MetadataChange.OfTopic ofTopic) {
            topic(ofTopic.topicId()).map(topic -> after(topic, change)).ifPresent(this::put);
        }
    }

    private static TopicImage after(TopicImage topic, MetadataChange change) {
        if (change instanceof MetadataChange.ChangePartitions partitions) {
            return topic.withPartitions(partitions.partitions());
        }
        if (change instanceof MetadataChange.ChangeConfiguration configuration) {
            return topic.withConfiguration(configuration.configuration());
        }
        if (change instanceof MetadataChange.ChangeAssignment moved) {
            return topic.withAssignment(moved.assignments(), moved.partitions());
        }
        if (change instanceof MetadataChange.ChangeSubscriptions subscribed) {
            return topic.withAssignment(subscribed.assignments(), subscribed.partitions())
                    .withSubscriptions(subscribed.subscriptions());
        }
        throw new IllegalStateException("no rule applies " + change);
    }

    private void beginChange() {
        if (!isChanged) {
            isChanged = true;
            byId = new ArrayList<>(byId);
            byName = new ArrayList<>(byName);
        }
    }

    private Map<UUID, TopicImage> ownById(UUID topicId) {
        return owned(byId, ownedById, ClusterImage.bucketOf(topicId));
    }

    private Map<String, UUID> ownByName(String name) {
        return owned(byName, ownedByName, ClusterImage.bucketOf(name));
    }

    private static <K, V> Map<K, V> owned(List<Map<K, V>> buckets, BitSet owned, int index) {
        if (!owned.get(index)) {
            owned.set(index);
            buckets.set(index, new HashMap<>(buckets.get(index)));
        }
        return buckets.get(index);
    }
}
