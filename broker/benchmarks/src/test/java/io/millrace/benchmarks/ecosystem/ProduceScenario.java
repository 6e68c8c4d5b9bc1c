package io.millrace.benchmarks.ecosystem;

import io.millrace.benchmarks.figures.Effort;
import io.millrace.benchmarks.figures.Measured;
import io.millrace.benchmarks.figures.Stopwatch;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * One producer sends as fast as the broker takes it.
 *
 * @param settings of the producer
 * @param recordsMax after which it stops, where the time is not over before
 */
record ProduceScenario(String name, Map<String, Object> settings, int recordBytes, int partitions, long recordsMax)
        implements Scenario {
    private static final Duration TIME = Duration.ofSeconds(6);
    private static final int SAMPLE = 500;

    static ProduceScenario idempotent(int recordBytes, int partitions, long recordsMax) {
        return new ProduceScenario(
                "idempotent produce, " + recordBytes + " B, " + partitions + " partitions",
                Map.of("enable.idempotence", "true"),
                recordBytes,
                partitions,
                recordsMax);
    }

    static ProduceScenario compressed(String codec, int recordBytes, int partitions, long recordsMax) {
        return new ProduceScenario(
                "produce with " + codec + ", " + recordBytes + " B, " + partitions + " partitions",
                Map.of("compression.type", codec, "linger.ms", "5", "batch.size", "65536"),
                recordBytes,
                partitions,
                recordsMax);
    }

    @Override
    public Measured run(Target target, Effort effort) throws InterruptedException {
        String topic = target.createTopic(effort.unique("produce"), partitions);
        var values = new Values(recordBytes);
        var acknowledgements = new Acknowledgements();
        long max = effort.count(recordsMax);
        Duration time = effort.time(TIME);
        long sent = 0;
        Stopwatch.Span span;
        try (var producer = target.producer(settings)) {
            producer.partitionsFor(topic);
            Stopwatch watch = target.start();
            while (sent < max && watch.isBefore(time)) {
                producer.send(new ProducerRecord<>(topic, values.next(sent)), acknowledgements);
                sent++;
            }
            producer.flush();
            span = watch.stop();
        }
        acknowledgements.check(sent);
        target.checkRecords(topic, partitions, sent);
        checkSample(target, topic, values, sent);
        return new Measured(
                List.of(Measured.Figure.rate("rec/s", span.perSecond(sent))), span.cpuSecondsPerMillion(sent));
    }

    private void checkSample(Target target, String topic, Values values, long sent) {
        var sample = target.sample(topic, partitions, (int) Math.min(SAMPLE, sent));
        if (sample.size() < Math.min(SAMPLE, sent)) {
            throw new IllegalStateException(
                    topic + " holds " + sent + " records, of which only " + sample.size() + " can be read");
        }
        if (!sample.stream().allMatch(each -> values.contains(each.value()))) {
            throw new IllegalStateException("a record read from " + topic + " is none of those sent to it");
        }
    }
}
