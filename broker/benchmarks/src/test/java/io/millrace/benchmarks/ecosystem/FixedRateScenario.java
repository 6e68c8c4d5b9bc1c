package io.millrace.benchmarks.ecosystem;

import io.millrace.benchmarks.figures.Effort;
import io.millrace.benchmarks.figures.Latencies;
import io.millrace.benchmarks.figures.Measured;
import io.millrace.benchmarks.figures.Stopwatch;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * One producer sends 5,000 records a second, each at its time, whatever has become of those before; one consumer reads them. A latency counts
 * from the moment at which the record was due, so that a producer that is held up does not hide it.
 */
record FixedRateScenario() implements Scenario {
    private static final int RATE = 5_000;
    private static final Duration TIME = Duration.ofSeconds(10);
    private static final Duration SETTLE = Duration.ofSeconds(1);
    private static final Duration LATE_MAX = Duration.ofSeconds(20);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final int PARTITIONS = 4;
    private static final int RECORD_BYTES = 100;
    private static final long PERIOD_NANOS = 1_000_000_000L / RATE;

    @Override
    public String name() {
        return "end to end, 5,000 records a second of 100 B, acks=all, " + PARTITIONS + " partitions";
    }

    @Override
    public Measured run(Target target, Effort effort) throws InterruptedException {
        String topic = target.createTopic(effort.unique("fixed-rate"), PARTITIONS);
        List<TopicPartition> partitions = Target.partitions(topic, PARTITIONS);
        int ignored = (int) (SETTLE.toNanos() / PERIOD_NANOS);
        int total = ignored + (int) (effort.time(TIME).toNanos() / PERIOD_NANOS);
        var acknowledgements = new Acknowledgements();
        Stopwatch.Span span;
        Latencies latencies;
        try (var producer = target.producer(Map.of("linger.ms", "0"));
                var consumer = target.consumer(Map.of())) {
            producer.partitionsFor(topic);
            consumer.assign(partitions);
            partitions.forEach(partition -> consumer.position(partition, LATE_MAX));
            Stopwatch watch = target.start();
            var pass = new Pass(System.nanoTime() + PERIOD_NANOS * RATE / 100, ignored, total);
            List<Callable<Boolean>> tasks =
                    List.of(() -> pass.send(producer, topic, acknowledgements), () -> pass.read(consumer));
            Crew.all(tasks, effort.time(TIME).plus(SETTLE).plus(LATE_MAX).plus(LATE_MAX));
            span = watch.stop();
            latencies = pass.latencies;
        }
        acknowledgements.check(total);
        target.checkRecords(topic, PARTITIONS, total);
        double[] percentiles = latencies.percentiles(50, 99, 99.9);
        return new Measured(
                List.of(
                        Measured.Figure.millis("p50 ms", percentiles[0]),
                        Measured.Figure.millis("p99 ms", percentiles[1]),
                        Measured.Figure.millis("p99.9 ms", percentiles[2])),
                span.cpuSecondsPerMillion(total));
    }

    /** The records of one pass; each carries its number, from which follows when it was due. */
    private static final class Pass {
        private final long startNanos;
        private final int ignored;
        private final int total;
        private final Latencies latencies;

        Pass(long startNanos, int ignored, int total) {
            this.startNanos = startNanos;
            this.ignored = ignored;
            this.total = total;
            this.latencies = new Latencies(total);
        }

        private long dueNanos(int number) {
            return startNanos + number * PERIOD_NANOS;
        }

        boolean send(KafkaProducer<byte[], byte[]> producer, String topic, Acknowledgements acknowledgements) {
            for (int number = 0; number < total; number++) {
                byte[] value = new byte[RECORD_BYTES];
                ByteBuffer.wrap(value).putInt(number);
                for (long early = dueNanos(number) - System.nanoTime();
                        early > 0;
                        early = dueNanos(number) - System.nanoTime()) {
                    LockSupport.parkNanos(early);
                }
                producer.send(new ProducerRecord<>(topic, number % PARTITIONS, null, value), acknowledgements);
            }
            producer.flush();
            return true;
        }

        boolean read(KafkaConsumer<byte[], byte[]> consumer) {
            int[] next = new int[PARTITIONS];
            int count = 0;
            while (count < total) {
                var records = consumer.poll(POLL);
                long now = System.nanoTime();
                for (ConsumerRecord<byte[], byte[]> each : records) {
                    check(each, next);
                    int number = ByteBuffer.wrap(each.value()).getInt();
                    if (number >= ignored) {
                        latencies.add(now - dueNanos(number));
                    }
                    count++;
                }
                if (now - dueNanos(total) > LATE_MAX.toNanos()) {
                    throw new IllegalStateException("only " + count + " of " + total + " records came, " + LATE_MAX
                            + " after the last one was due");
                }
            }
            return true;
        }

        private static void check(ConsumerRecord<byte[], byte[]> record, int[] next) {
            int number = ByteBuffer.wrap(record.value()).getInt();
            int partition = record.partition();
            if (record.offset() != next[partition] || number != next[partition] * PARTITIONS + partition) {
                throw new IllegalStateException("record " + number + " came at offset " + record.offset()
                        + " of partition " + partition + ", where " + next[partition] + " was to come");
            }
            next[partition]++;
        }
    }
}
