package io.millrace.benchmarks;

import io.millrace.client.Producer;
import io.millrace.client.ProducerRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.LongStream;

/** Senders, a thread each, that wait for the acknowledgement of one record before they send the next one, each going through all queues. */
final class SynchronousSends {
    private static final int LATENCIES_MAX = 200_000;
    private static final long ACKNOWLEDGE_MAX_SECONDS = 30;

    private final List<Producer> producers;
    private final byte[] value;
    private final Duration duration;

    SynchronousSends(List<Producer> producers, int valueBytes, Duration duration) {
        this.producers = List.copyOf(producers);
        this.value = new byte[valueBytes];
        this.duration = duration;
    }

    /** What was acknowledged between two instants, and how long half and 99 % of the sends took at most. */
    record Result(Instant start, Instant end, long acknowledged, double p50Ms, double p99Ms) {
        double seconds() {
            return Duration.between(start, end).toNanos() / 1e9;
        }

        double acknowledgedPerSecond() {
            return acknowledged / seconds();
        }
    }

    /** What one sender has done. */
    private static final class Sent {
        private final long[] nanos;
        private int count;

        Sent(int latenciesMax) {
            nanos = new long[latenciesMax];
        }

        void add(long took) {
            nanos[count % nanos.length] = took;
            count++;
        }

        LongStream latencies() {
            return Arrays.stream(nanos, 0, Math.min(count, nanos.length));
        }
    }

    Result run(List<String> queues, int senders) {
        return run(queues, senders, duration);
    }

    Result run(List<String> queues, int senders, Duration time) {
        ExecutorService threads = Executors.newFixedThreadPool(senders);
        try {
            Instant start = Instant.now();
            long deadlineNanos = System.nanoTime() + time.toNanos();
            List<Future<Sent>> running = new ArrayList<>();
            for (int sender = 0; sender < senders; sender++) {
                int first = sender;
                running.add(threads.submit(() -> send(queues, first, senders, deadlineNanos)));
            }
            List<Sent> sent = new ArrayList<>();
            for (Future<Sent> each : running) {
                sent.add(each.get(time.toSeconds() + 2 * ACKNOWLEDGE_MAX_SECONDS, TimeUnit.SECONDS));
            }
            Instant end = Instant.now();
            long[] nanos = sent.stream().flatMapToLong(Sent::latencies).sorted().toArray();
            return new Result(
                    start,
                    end,
                    sent.stream().mapToLong(each -> each.count).sum(),
                    percentileMs(nanos, 50),
                    percentileMs(nanos, 99));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + senders + " senders sent", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("a sender failed", e);
        } finally {
            threads.shutdownNow();
        }
    }

    private static double percentileMs(long[] sortedNanos, int percent) {
        return sortedNanos[(int) ((sortedNanos.length - 1L) * percent / 100)] / 1e6;
    }

    private Sent send(List<String> queues, int first, int senders, long deadlineNanos)
            throws InterruptedException, ExecutionException, TimeoutException {
        Producer producer = producers.get(first % producers.size());
        var sent = new Sent(LATENCIES_MAX / senders);
        long begin = System.nanoTime();
        for (int turn = first; begin < deadlineNanos; turn += senders) {
            String queue = queues.get(turn % queues.size());
            producer.send(ProducerRecord.of(queue, null, value)).get(ACKNOWLEDGE_MAX_SECONDS, TimeUnit.SECONDS);
            long end = System.nanoTime();
            sent.add(end - begin);
            begin = end;
        }
        return sent;
    }
}
