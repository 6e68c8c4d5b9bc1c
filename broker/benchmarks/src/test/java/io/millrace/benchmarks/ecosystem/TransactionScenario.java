package io.millrace.benchmarks.ecosystem;

import io.millrace.benchmarks.figures.Effort;
import io.millrace.benchmarks.figures.Measured;
import io.millrace.benchmarks.figures.Stopwatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Producers, each on a thread of its own, that send 100 records in a transaction, commit it, and begin the next. */
record TransactionScenario(int producers) implements Scenario {
    private static final Duration TIME = Duration.ofSeconds(6);
    private static final Duration COMMIT_MAX = Duration.ofSeconds(30);
    private static final int RECORDS_IN_TRANSACTION = 100;
    private static final int PARTITIONS = 4;
    private static final int RECORD_BYTES = 100;

    @Override
    public String name() {
        return "transactional produce, 100 records of 100 B each, " + producers
                + (producers == 1 ? " producer" : " producers");
    }

    @Override
    public Measured run(Target target, Effort effort) throws InterruptedException {
        String topic = target.createTopic(effort.unique("transactions"), PARTITIONS);
        var values = new Values(RECORD_BYTES);
        Duration time = effort.time(TIME);
        List<KafkaProducer<byte[], byte[]>> clients = new ArrayList<>();
        long records;
        Stopwatch.Span span;
        try {
            for (int i = 0; i < producers; i++) {
                clients.add(target.producer(Map.of("transactional.id", effort.unique("producer-" + i))));
            }
            Crew.all(clients.stream().map(TransactionScenario::prepare).toList(), COMMIT_MAX);
            Stopwatch watch = target.start();
            List<Callable<Long>> tasks = new ArrayList<>();
            clients.forEach(client -> tasks.add(() -> send(client, topic, values, watch, time)));
            records = Crew.all(tasks, time.plus(COMMIT_MAX)).stream()
                            .mapToLong(Long::longValue)
                            .sum()
                    * RECORDS_IN_TRANSACTION;
            span = watch.stop();
        } finally {
            clients.forEach(client -> client.close(Duration.ZERO));
        }
        long committed = target.committedRecords(topic, PARTITIONS);
        if (committed != records) {
            throw new IllegalStateException(
                    records + " records were committed, but a consumer of " + topic + " sees " + committed);
        }
        return new Measured(
                List.of(Measured.Figure.rate("rec/s", span.perSecond(records))), span.cpuSecondsPerMillion(records));
    }

    private static Callable<Boolean> prepare(KafkaProducer<byte[], byte[]> client) {
        return () -> {
            client.initTransactions();
            return true;
        };
    }

    /** Returns how many transactions were committed. */
    private static long send(
            KafkaProducer<byte[], byte[]> client, String topic, Values values, Stopwatch watch, Duration time) {
        long transactions = 0;
        while (watch.isBefore(time)) {
            var acknowledgements = new Acknowledgements();
            client.beginTransaction();
            for (int i = 0; i < RECORDS_IN_TRANSACTION; i++) {
                client.send(new ProducerRecord<>(topic, values.next(i)), acknowledgements);
            }
            client.commitTransaction();
            acknowledgements.check(RECORDS_IN_TRANSACTION);
            transactions++;
        }
        return transactions;
    }
}
