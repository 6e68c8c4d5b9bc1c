package io.millrace.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ClusterImageEditorTest {
    private static final int STEPS = 3_000;
    private static final int NAMES = 400;

    @Test
    void whateverIsChangedTheImagesGivenAwayStayAndTheLatestHasAll() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        var editor = new ClusterImageEditor(ClusterImage.EMPTY);
        var expected = new HashMap<UUID, TopicImage>();
        var given = new ArrayList<Map.Entry<ClusterImage, Map<UUID, TopicImage>>>();

        for (int step = 0; step < STEPS; step++) {
            var known = List.copyOf(expected.values());
            int choice = random.nextInt(10);
            if (choice < 5 || known.isEmpty()) {
                put(editor, expected, topic(UUID.randomUUID(), "topic-" + random.nextInt(NAMES)));
            } else if (choice < 8) {
                var old = known.get(random.nextInt(known.size()));
                put(editor, expected, old.withConfiguration(Map.of("step", Integer.toString(step))));
            } else {
                UUID gone = known.get(random.nextInt(known.size())).topicId();
                editor.remove(gone);
                expected.remove(gone);
            }
            if (random.nextInt(20) == 0) {
                given.add(Map.entry(editor.image(), Map.copyOf(expected)));
            }
        }

        given.add(Map.entry(editor.image(), expected));
        for (var each : given) {
            assertThat(each.getKey().topics())
                    .as("seed %d", seed)
                    .containsExactlyInAnyOrderElementsOf(each.getValue().values());
            assertThat(each.getKey().topicCount()).isEqualTo(each.getValue().size());
        }
    }

    @Test
    void aChangedTopicIsFoundByItsNameAndANameThatIsGoneIsNot() {
        var editor = new ClusterImageEditor(ClusterImage.EMPTY);
        var orders = topic(UUID.randomUUID(), "orders");
        editor.put(orders);
        var before = editor.image();

        editor.put(orders.withConfiguration(Map.of("a", "b")));
        var changed = editor.image();
        editor.remove(orders.topicId());

        assertThat(before.topic("orders")).contains(orders);
        assertThat(changed.topic("orders").orElseThrow().configuration()).containsEntry("a", "b");
        assertThat(editor.image().topic("orders")).isEmpty();
        assertThat(editor.image().topicCount()).isZero();
    }

    @Test
    void otherChangesKeepTheTopicsThatWereChangedBefore() {
        var editor = new ClusterImageEditor(ClusterImage.EMPTY);
        var orders = topic(UUID.randomUUID(), "orders");

        editor.put(orders);
        editor.change(image -> image.withController(3, 7));

        assertThat(editor.image().topic("orders")).contains(orders);
        assertThat(editor.image().controllerId()).isEqualTo(3);
    }

    private static void put(ClusterImageEditor editor, Map<UUID, TopicImage> expected, TopicImage topic) {
        editor.put(topic);
        expected.put(topic.topicId(), topic);
    }

    private static TopicImage topic(UUID id, String name) {
        var state = new PartitionState(1, 0, 0, List.of(1), List.of());
        return new TopicImage(id, name, DestinationKind.TOPIC, Map.of(), List.of(List.of(1)), List.of(state));
    }
}
