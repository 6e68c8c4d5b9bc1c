package io.millrace.cli;

import io.millrace.client.DestinationDescription;
import io.millrace.client.TopicPartition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Partitions of a topic as they are named on the command line: {@code orders} for all of them, {@code orders:0,3} for some.
 *
 * @param partitions empty for all
 */
record TopicSelection(String topic, List<Integer> partitions) {

    /** Reads what the user typed. */
    static final class Converter implements ITypeConverter<TopicSelection> {
        @Override
        public TopicSelection convert(String value) {
            int colon = value.indexOf(':');
            if (colon < 0 && !value.isEmpty()) {
                return new TopicSelection(value, List.of());
            }
            String numbers = value.substring(colon + 1);
            if (colon <= 0 || !numbers.matches("[0-9]{1,9}(,[0-9]{1,9})*")) {
                throw new TypeConversionException("'" + value
                        + "' names no partitions; write a topic, or a topic and some of its partitions: orders:0,3");
            }
            var partitions = new TreeSet<Integer>();
            Arrays.stream(numbers.split(",")).map(Integer::valueOf).forEach(partitions::add);
            return new TopicSelection(value.substring(0, colon), List.copyOf(partitions));
        }
    }

    /** The partitions that are selected, in order; fails with the first that is not there. */
    static List<TopicPartition> partitionsOf(
            Collection<TopicSelection> selections, Map<String, DestinationDescription> destinations) {
        var selected = new ArrayList<TopicPartition>();
        for (TopicSelection selection : selections) {
            DestinationDescription destination = destinations.get(selection.topic());
            if (destination == null) {
                throw new CommandFailedException("there is no destination named " + selection.topic()
                        + "; millrace topic list shows what there is");
            }
            selected.addAll(selection.in(destination));
        }
        return selected.stream().distinct().toList();
    }

    private List<TopicPartition> in(DestinationDescription destination) {
        int count = destination.partitions().size();
        for (int partition : partitions) {
            if (partition >= count) {
                throw new CommandFailedException(
                        topic + " has no partition " + partition + "; it has 0 to " + (count - 1));
            }
        }
        List<Integer> wanted = partitions.isEmpty()
                ? destination.partitions().stream()
                        .map(DestinationDescription.Partition::partition)
                        .toList()
                : partitions;
        return wanted.stream()
                .map(partition -> new TopicPartition(topic, partition))
                .toList();
    }

    /** Partitions as the command line names them: {@code bills:1 orders:0,3}. */
    static String text(Collection<TopicPartition> partitions) {
        return partitions.stream()
                .sorted(GroupLag.BY_NAME)
                .collect(Collectors.groupingBy(
                        TopicPartition::topic,
                        TreeMap::new,
                        Collectors.mapping(
                                partition -> Integer.toString(partition.partition()), Collectors.joining(","))))
                .entrySet()
                .stream()
                .map(topic -> topic.getKey() + ":" + topic.getValue())
                .collect(Collectors.joining(" "));
    }
}
