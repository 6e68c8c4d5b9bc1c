package io.millrace.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.client.ClientException;
import io.millrace.client.ClusterClient;
import io.millrace.client.ConsumerConfiguration;
import io.millrace.client.ConsumerRecord;
import io.millrace.client.TopicConsumer;
import io.millrace.client.TopicPartition;
import io.millrace.faults.history.History;
import io.millrace.faults.history.Place;
import io.millrace.faults.history.Poll;
import io.millrace.testkit.Wait;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

/** Reads all partitions of a topic from their beginning, on a thread of its own, and writes the history of it. */
final class TopicReader implements AutoCloseable {
    private final String name;
    private final List<TopicPartition> partitions;
    private final TopicConsumer consumer;
    private final History history;
    private final Map<TopicPartition, Long> next = new ConcurrentHashMap<>();
    private final Thread thread;
    private volatile boolean isStopped;
    private volatile String problem = "";

    TopicReader(String name, ClusterClient client, String topic, int partitionCount, History history) {
        this.name = name;
        this.history = history;
        this.partitions = IntStream.range(0, partitionCount)
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .toList();
        // A position that is out of range must not be reset silently: nothing was deleted.
        this.consumer = client.newConsumer(
                ConsumerConfiguration.defaults().startingAt(ConsumerConfiguration.StartingPosition.NONE));
        consumer.assign(partitions);
        partitions.forEach(partition -> consumer.seek(partition, 0));
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (!isStopped) {
                consumer.poll(Duration.ofMillis(200)).forEach(this::onRecord);
            }
        } catch (ClientException e) { // found by the check at the end
            problem = name + " cannot go on: " + e;
        }
    }

    private void onRecord(ConsumerRecord polled) {
        var place = new Place(polled.partition().partition(), polled.offset());
        history.polled(new Poll(name, place, new String(polled.value(), UTF_8)));
        next.put(polled.partition(), polled.offset() + 1);
    }

    String problem() {
        return problem;
    }

    /** Waits until it has read all there is now. */
    void awaitEnd(Duration timeout) {
        Map<TopicPartition, Long> ends;
        try {
            ends = consumer.endOffsets(partitions).get(60, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException(name + " cannot find the ends of " + partitions, e);
        }
        Wait.until(
                name + " has read up to " + ends + ", having got to " + next,
                timeout,
                () -> !problem.isEmpty()
                        || ends.entrySet().stream()
                                .allMatch(end -> next.getOrDefault(end.getKey(), 0L) >= end.getValue()));
    }

    @Override
    public void close() {
        isStopped = true;
        consumer.wakeup();
        try {
            thread.join(10_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        consumer.close();
    }
}
