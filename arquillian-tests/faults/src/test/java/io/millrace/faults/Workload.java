package io.millrace.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.ClusterClient;
import io.millrace.client.DestinationKind;
import io.millrace.faults.history.Anomaly;
import io.millrace.faults.history.AnomalyKind;
import io.millrace.faults.history.History;
import io.millrace.faults.history.QueueCheck;
import io.millrace.faults.history.TopicCheck;
import io.millrace.testkit.Wait;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Produce and consume load on a topic (our producer, the Kafka client's, one live reader) and on a queue (one producer, two workers), a few
 * hundred operations per second, and the histories of it. Owned by the test's thread.
 */
final class Workload implements AutoCloseable {
    static final String TOPIC = "events";
    static final String QUEUE = "work";
    static final List<String> DESTINATIONS = List.of(TOPIC, QUEUE);
    private static final int PARTITIONS = 3;
    private static final long PROGRESS = 100;
    private static final Duration PROGRESS_MAX = Duration.ofSeconds(90);
    private static final Duration READ_MAX = Duration.ofSeconds(90);
    private static final Duration STANDSTILL_MAX = Duration.ofSeconds(90);
    private static final Duration CALM = Duration.ofSeconds(3);
    private static final Duration LOOK_PAUSE = Duration.ofMillis(100); // a look walks through the whole history

    private final FaultCluster cluster;
    private final ClusterClient client;
    private final History topic = new History();
    private final History queue = new History();
    private final List<SendLoad> topicSenders;
    private final SendLoad queueSender;
    private final TopicReader reader;
    private final List<QueueWorker> workers;
    private final List<String> faults = new ArrayList<>();

    /** Creates the destinations and begins. */
    Workload(FaultCluster cluster, Map<String, String> topicConfiguration) {
        this.cluster = cluster;
        cluster.create(TOPIC, DestinationKind.TOPIC, PARTITIONS, topicConfiguration);
        cluster.create(QUEUE, DestinationKind.QUEUE, PARTITIONS, Map.of());
        this.client = cluster.newClient("load");
        this.topicSenders = List.of(
                new SendLoad("ours", PARTITIONS, Senders.ours(client, TOPIC), topic),
                new SendLoad("kafka", PARTITIONS, Senders.kafka(cluster.bootstrapServers(), TOPIC), topic));
        this.queueSender = new SendLoad("queue", PARTITIONS, Senders.ours(client, QUEUE), queue);
        this.reader = new TopicReader("live", client, TOPIC, PARTITIONS, topic);
        this.workers = Stream.of("first", "second")
                .map(name -> new QueueWorker(name, client, QUEUE, queue))
                .toList();
    }

    /** Waits until every producer and the queue's workers are confirmed some more. */
    void awaitProgress() {
        senders().forEach(this::awaitProgress);
        long wanted = acknowledgedByWorkers() + PROGRESS;
        Wait.until(PROGRESS + " more messages are acknowledged", PROGRESS_MAX, () -> acknowledgedByWorkers() >= wanted);
    }

    private void awaitProgress(SendLoad sender) {
        long wanted = sender.acknowledged() + PROGRESS;
        try {
            Wait.until(PROGRESS + " more records are sent", PROGRESS_MAX, () -> sender.acknowledged() >= wanted);
        } catch (AssertionError e) {
            throw new AssertionError("sends that failed so far: " + sender.failures(), e);
        }
    }

    private long acknowledgedByWorkers() {
        return workers.stream().mapToLong(QueueWorker::acknowledged).sum();
    }

    private Stream<SendLoad> senders() {
        return Stream.concat(topicSenders.stream(), Stream.of(queueSender));
    }

    /** For the report. */
    void onFault(String fault) {
        faults.add(fault);
    }

    /** Everything is healed: ends the load, reads all, prints and checks the histories. */
    void check(String title) {
        senders().forEach(SendLoad::close);
        reader.awaitEnd(READ_MAX);
        try (var last = new TopicReader("last", client, TOPIC, PARTITIONS, topic)) {
            last.awaitEnd(READ_MAX);
        }
        awaitDrained();
        workers.forEach(QueueWorker::close);
        List<Anomaly> inTopic = TopicCheck.anomalies(topic);
        List<Anomaly> inQueue = QueueCheck.anomalies(queue);
        report(title, inTopic, inQueue);
        assertThat(Stream.concat(Stream.of(reader.problem()), workers.stream().map(QueueWorker::problem))
                        .filter(problem -> !problem.isEmpty()))
                .isEmpty();
        assertThat(inTopic).as("anomalies of the topic").isEmpty();
        List<Anomaly> unmarked = inQueue.stream().filter(Workload::isKnown).toList();
        assertThat(inQueue.stream().filter(anomaly -> !isKnown(anomaly)))
                .as("anomalies of the queue")
                .isEmpty();
        assertThat(unmarked)
                .as(
                        "a fault may leave the count of one delivery of each worker too low, see broker/coordinator/README.md")
                .hasSizeLessThanOrEqualTo(workers.size() * faults.size());
    }

    /** Counts above 2 are written behind: the last ones before a leader is lost may not have got to the next. */
    private static boolean isKnown(Anomaly anomaly) {
        return anomaly.kind() == AnomalyKind.DELIVERY_COUNT_NOT_MONOTONE;
    }

    /** Where it stands still, what is missing is an anomaly that the check tells. */
    private void awaitDrained() {
        long began = System.nanoTime();
        int backlog = QueueCheck.open(queue).size();
        // Messages whose acknowledgement failed may come again after the last one that is waited for.
        var drain = new Drain(CALM, STANDSTILL_MAX, backlog, began);
        Drain.State state = drain.look(backlog, began);
        while (state == Drain.State.GOES_ON) {
            LockSupport.parkNanos(LOOK_PAUSE.toNanos());
            state = drain.look(QueueCheck.open(queue).size(), System.nanoTime());
        }
        if (state == Drain.State.STANDS_STILL) {
            System.out.println("The queue was not drained: " + drain);
        } else {
            System.out.printf(
                    "A backlog of %d messages was drained within %d s%n",
                    backlog, Duration.ofNanos(System.nanoTime() - began).toSeconds());
        }
    }

    private void report(String title, List<Anomaly> inTopic, List<Anomaly> inQueue) {
        var text = new StringBuilder("\n").append(title).append('\n');
        text.append(String.format("  %-12s %s%n", "faults", faults.size()));
        faults.stream()
                .collect(Collectors.groupingBy(fault -> fault, java.util.TreeMap::new, Collectors.counting()))
                .forEach((fault, count) -> text.append(String.format("    %4d  %s%n", count, fault)));
        text.append(String.format(
                "  %-12s topic: %d sends, %d reads; queue: %d sends, %d deliveries, %d acknowledgements%n",
                "operations",
                topic.sends().size(),
                topic.polls().size(),
                queue.sends().size(),
                queue.deliveries().size(),
                queue.acknowledgements().size()));
        senders()
                .filter(sender -> !sender.failures().equals("{}"))
                .forEach(sender -> text.append(String.format("  %-12s %s%n", "unknown", sender.failures())));
        long known = inQueue.stream().filter(Workload::isKnown).count();
        text.append(String.format(
                "  %-12s %d, and %d of a known defect%n", "anomalies", inTopic.size() + inQueue.size() - known, known));
        Stream.concat(inTopic.stream(), inQueue.stream())
                .limit(40)
                .forEach(anomaly -> text.append("    ").append(anomaly).append('\n'));
        System.out.print(text);
    }

    @Override
    public void close() {
        workers.forEach(QueueWorker::close);
        reader.close();
        client.close();
    }
}
