package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.DestinationDescription;
import io.millrace.client.DestinationKind;
import io.millrace.client.TopicPartition;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class TopicSelectionTest {
    private final TopicSelection.Converter converter = new TopicSelection.Converter();

    private static Map<String, DestinationDescription> topic(String name, int partitionCount) {
        var partitions = IntStream.range(0, partitionCount)
                .mapToObj(index -> new DestinationDescription.Partition(index, 1, 0, List.of(1), List.of(1)))
                .toList();
        return Map.of(
                name,
                new DestinationDescription(name, new UUID(0, 1), DestinationKind.TOPIC, false, Map.of(), partitions));
    }

    @Test
    void aTopicMeansAllItsPartitionsUnlessSomeAreNamed() {
        var selected = TopicSelection.partitionsOf(
                List.of(converter.convert("orders:2,0"), converter.convert("orders:2")), topic("orders", 3));
        var all = TopicSelection.partitionsOf(List.of(converter.convert("orders")), topic("orders", 2));

        assertThat(selected).containsExactly(new TopicPartition("orders", 0), new TopicPartition("orders", 2));
        assertThat(all).containsExactly(new TopicPartition("orders", 0), new TopicPartition("orders", 1));
    }

    @Test
    void whatIsNotThereIsNamed() {
        var third = List.of(converter.convert("orders:2"));

        assertThatThrownBy(() -> TopicSelection.partitionsOf(third, topic("orders", 2)))
                .hasMessage("orders has no partition 2; it has 0 to 1");
        assertThatThrownBy(() -> TopicSelection.partitionsOf(third, Map.of()))
                .hasMessageContaining("no destination named orders");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":1", "orders:", "orders:a", "orders:1,", "orders:-1", "orders:99999999999"})
    void anythingElseIsRefusedWithWhatIsRight(String text) {
        assertThatThrownBy(() -> converter.convert(text))
                .isInstanceOf(TypeConversionException.class)
                .hasMessageContaining("orders:0,3");
    }
}
