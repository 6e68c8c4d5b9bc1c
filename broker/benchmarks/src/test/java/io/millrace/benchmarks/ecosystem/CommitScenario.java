package io.millrace.benchmarks.ecosystem;

import io.millrace.benchmarks.figures.Effort;
import io.millrace.benchmarks.figures.Measured;
import io.millrace.benchmarks.figures.Stopwatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetCommitCallback;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Eight consumers, each of a group of its own, commit the offsets of ten partitions again and again, with nothing else to do. */
record CommitScenario(boolean isSynchronous) implements Scenario {
    private static final Duration TIME = Duration.ofSeconds(5);
    private static final Duration ANSWER_MAX = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(1);
    private static final Duration CLOSE_MAX = Duration.ofSeconds(5);
    private static final int CLIENTS = 8;
    private static final int PARTITIONS = 10;
    private static final int UNANSWERED_MAX = 50;

    @Override
    public String name() {
        return "offset commits of 10 partitions, 8 clients, " + (isSynchronous ? "synchronous" : "asynchronous");
    }

    @Override
    public Measured run(Target target, Effort effort) throws InterruptedException {
        String topic = target.createTopic(effort.unique("committed"), PARTITIONS);
        List<TopicPartition> partitions = Target.partitions(topic, PARTITIONS);
        Duration time = effort.time(TIME);
        List<KafkaConsumer<byte[], byte[]>> clients = new ArrayList<>();
        List<Long> commits;
        Stopwatch.Span span;
        try {
            List<Callable<Boolean>> preparations = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                var client = target.consumer(Map.of("group.id", group(effort, i)));
                clients.add(client);
                preparations.add(() -> prepare(client, partitions));
            }
            Crew.all(preparations, ANSWER_MAX);
            Stopwatch watch = target.start();
            List<Callable<Long>> tasks = new ArrayList<>();
            clients.forEach(client -> tasks.add(() -> new Committer(client, partitions).commit(watch, time)));
            commits = Crew.all(tasks, time.plus(ANSWER_MAX));
            span = watch.stop();
        } finally {
            clients.forEach(CommitScenario::close);
        }
        for (int i = 0; i < CLIENTS; i++) {
            check(target, group(effort, i), partitions, commits.get(i));
        }
        long count = commits.stream().mapToLong(Long::longValue).sum();
        return new Measured(
                List.of(Measured.Figure.rate("commits/s", span.perSecond(count))), span.cpuSecondsPerMillion(count));
    }

    private static String group(Effort effort, int client) {
        return effort.unique("committing-" + client);
    }

    private static boolean prepare(KafkaConsumer<byte[], byte[]> client, List<TopicPartition> partitions) {
        client.assign(partitions);
        client.pause(partitions);
        client.seekToBeginning(partitions);
        partitions.forEach(partition -> client.position(partition, ANSWER_MAX));
        client.commitSync(offsets(partitions, 0), ANSWER_MAX);
        return true;
    }

    private static Map<TopicPartition, OffsetAndMetadata> offsets(List<TopicPartition> partitions, long number) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        for (int i = 0; i < partitions.size(); i++) {
            offsets.put(partitions.get(i), new OffsetAndMetadata(number * PARTITIONS + i));
        }
        return offsets;
    }

    private static void check(Target target, String group, List<TopicPartition> partitions, long last)
            throws InterruptedException {
        Map<TopicPartition, OffsetAndMetadata> held = target.committedOffsets(group);
        offsets(partitions, last).forEach((partition, expected) -> {
            OffsetAndMetadata found = held.get(partition);
            if (found == null || found.offset() != expected.offset()) {
                throw new IllegalStateException(group + " has committed " + expected.offset() + " for " + partition
                        + "; the broker has " + found);
            }
        });
    }

    @SuppressWarnings("deprecation") // close(CloseOptions) is there only since 4.1
    private static void close(KafkaConsumer<byte[], byte[]> client) {
        client.close(CLOSE_MAX);
    }

    /** One client on its thread. */
    private final class Committer implements OffsetCommitCallback {
        private final KafkaConsumer<byte[], byte[]> client;
        private final List<TopicPartition> partitions;
        private int unanswered;
        private @Nullable Exception failure;

        Committer(KafkaConsumer<byte[], byte[]> client, List<TopicPartition> partitions) {
            this.client = client;
            this.partitions = partitions;
        }

        /** Returns how many commits there were; each has been acknowledged. */
        long commit(Stopwatch watch, Duration time) {
            long count = 0;
            while (watch.isBefore(time)) {
                count++;
                if (isSynchronous) {
                    client.commitSync(offsets(partitions, count), ANSWER_MAX);
                } else {
                    unanswered++;
                    client.commitAsync(offsets(partitions, count), this);
                    awaitUnanswered(watch, time, UNANSWERED_MAX);
                }
            }
            awaitUnanswered(watch, time, 0);
            return count;
        }

        private void awaitUnanswered(Stopwatch watch, Duration time, int max) {
            while (unanswered > max && failure == null) {
                client.poll(POLL);
                if (!watch.isBefore(time.plus(ANSWER_MAX))) {
                    throw new IllegalStateException(unanswered + " commits were not answered in " + ANSWER_MAX);
                }
            }
            if (failure != null) {
                throw new KafkaException("a commit failed: " + failure, failure);
            }
        }

        @Override
        public void onComplete(Map<TopicPartition, OffsetAndMetadata> offsets, @Nullable Exception exception) {
            unanswered--;
            if (exception != null && failure == null) {
                failure = exception;
            }
        }
    }
}
