package io.millrace.metadata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ClusterImageTest {
    @Test
    void aTopicIsFoundByIdAndByName() {
        var orders = topic("orders");

        var image = ClusterImage.EMPTY.withTopic(orders);

        assertThat(image.topic(orders.topicId())).contains(orders);
        assertThat(image.topic("orders")).contains(orders);
        assertThat(image.topicCount()).isEqualTo(1);
        assertThat(ClusterImage.EMPTY.topicCount()).isZero();
    }

    @Test
    void deletingTheFormerOfTwoTopicsOfOneNameKeepsTheLatter() {
        var former = topic("orders");
        var latter = topic("orders");

        var image = ClusterImage.EMPTY.withTopic(former).withTopic(latter).withoutTopic(former.topicId());

        assertThat(image.topic("orders")).contains(latter);
        assertThat(image.topicCount()).isEqualTo(1);
    }

    @Test
    void changedAndDeletedTopicsAreTold() {
        var image = ClusterImage.EMPTY;
        for (int i = 0; i < 1_000; i++) {
            image = image.withTopic(topic("topic-" + i));
        }
        var changed = image.topic("topic-7").orElseThrow().withConfiguration(Map.of("a", "b"));
        var added = topic("added");
        var gone = image.topic("topic-8").orElseThrow();

        var later = image.withTopic(changed).withTopic(added).withoutTopic(gone.topicId());

        assertThat(later.changedTopics(image)).containsExactlyInAnyOrder(changed, added);
        assertThat(later.deletedTopics(image)).containsExactly(gone);
        assertThat(later.changedTopics(later)).isEmpty();
    }

    @Test
    void aChangeOfPartitionsLeavesTheOthers() {
        var orders = topic("orders");
        var image = ClusterImage.EMPTY.withTopic(orders);
        var state = new PartitionState(2, 1, 1, List.of(2), List.of());

        var later = image.with(new MetadataChange.ChangePartitions(orders.topicId(), Map.of(1, state)));

        assertThat(later.topic("orders").orElseThrow().partitions())
                .containsExactly(orders.partitions().get(0), state);
    }

    @Test
    void aTopicWithoutAStateForEachPartitionIsRefused() {
        assertThatThrownBy(() -> new TopicImage(
                        UUID.randomUUID(), "orders", DestinationKind.TOPIC, Map.of(), List.of(List.of(1)), List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("1 assignments but 0 partition states");
    }

    private static TopicImage topic(String name) {
        var state = new PartitionState(1, 0, 0, List.of(1, 2), List.of());
        return new TopicImage(
                UUID.randomUUID(),
                name,
                DestinationKind.TOPIC,
                Map.of(),
                List.of(List.of(1, 2), List.of(2, 1)),
                List.of(state, state));
    }
}
