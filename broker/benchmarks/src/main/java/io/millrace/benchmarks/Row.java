package io.millrace.benchmarks;

import java.time.Duration;

/**
 * One line of the table: what is done with a running cluster.
 *
 * @param records how many records one measured run moves
 */
record Row(String name, Kind kind, int partitions, int recordBytes, String acks, long records) {
    private static final int SPARE = 5;

    enum Kind {
        PRODUCE,
        CONSUME,
        END_TO_END
    }

    /**
     * What one run of a row gave.
     *
     * @param cpuSecondsPerMillion of all brokers together
     */
    record Measurement(double recordsPerSecond, double averageMs, double p99Ms, double cpuSecondsPerMillion) {}

    /**
     * Writes what this row reads, unmeasured, and a fifth more. The batches are full ones: a fast broker is sent smaller ones than a slow
     * broker, and what is read would differ. Nor may a partition be read to its end: a client that asks only for what has ended already
     * waits half a second before it asks for the rest, so that a row would tell how evenly the producer has spread its records.
     */
    void prepare(Peer.Running peer, KafkaTools tools, String topic) {
        if (kind == Kind.CONSUME) {
            tools.fill(peer.bootstrapServers(), topic, records + records / SPARE, recordBytes);
        }
    }

    Measurement measure(Peer.Running peer, KafkaTools tools, String topic) {
        Duration before = peer.cpu();
        KafkaTools.Result result =
                switch (kind) {
                    case PRODUCE -> tools.produce(peer.bootstrapServers(), topic, records, recordBytes, acks);
                    case CONSUME -> tools.consume(peer.bootstrapServers(), topic, records);
                    case END_TO_END -> tools.endToEnd(peer.bootstrapServers(), topic, (int) records, recordBytes);
                };
        double cpuSeconds = peer.cpu().minus(before).toMillis() / 1000.0;
        return new Measurement(
                result.recordsPerSecond(), result.averageMs(), result.p99Ms(), cpuSeconds / records * 1_000_000);
    }
}
