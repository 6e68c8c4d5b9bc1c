package io.millrace.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.client.ClientException;
import io.millrace.faults.history.History;
import io.millrace.faults.history.Send;
import java.time.Duration;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.common.KafkaException;

/** Sends numbered values at a modest rate, on a thread of its own, and writes the history of it. */
final class SendLoad implements AutoCloseable {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    private static final int IN_FLIGHT_MAX = 200;
    private static final Duration CLOSE_MAX = Duration.ofSeconds(75);

    private final String name;
    private final int partitions;
    private final Sender sender;
    private final History history;
    private final Semaphore inFlight = new Semaphore(IN_FLIGHT_MAX);
    private final Set<Long> open = ConcurrentHashMap.newKeySet();
    private final TreeMap<String, Integer> failures = new TreeMap<>(); // guarded by itself
    private final AtomicLong acknowledged = new AtomicLong();
    private final Thread thread;
    private volatile boolean isStopped;

    SendLoad(String name, int partitions, Sender sender, History history) {
        this.name = name;
        this.partitions = partitions;
        this.sender = sender;
        this.history = history;
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        for (long number = 0; !isStopped; number++) {
            if (acquired()) {
                send(number);
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private boolean acquired() {
        try {
            return inFlight.tryAcquire(100, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            isStopped = true;
            return false;
        }
    }

    private void send(long number) {
        int partition = (int) (number % partitions);
        open.add(number);
        try {
            sender.send(partition, value(number).getBytes(UTF_8), (offset, failure) -> onDone(number, offset, failure));
        } catch (ClientException | KafkaException e) { // it may have left all the same: not enough is known
            onDone(number, null, e);
        }
    }

    private void onDone(long number, Long offset, Throwable failure) {
        if (!open.remove(number)) {
            return;
        }
        inFlight.release();
        if (offset != null) {
            record(number, Send.Outcome.ACKNOWLEDGED, offset);
            acknowledged.incrementAndGet();
        } else {
            record(number, Send.Outcome.UNKNOWN, -1);
            synchronized (failures) {
                failures.merge(String.valueOf(failure), 1, Integer::sum);
            }
        }
    }

    private void record(long number, Send.Outcome outcome, long offset) {
        history.sent(new Send(name, number, (int) (number % partitions), value(number), outcome, offset));
    }

    private String value(long number) {
        return name + ":" + number;
    }

    long acknowledged() {
        return acknowledged.get();
    }

    /** What went wrong, and how often; kept short. */
    String failures() {
        synchronized (failures) {
            String all = failures.toString();
            return all.length() > 1_000 ? all.substring(0, 1_000) + "..." : all;
        }
    }

    /** Stops sending; what is not acknowledged within the bound has an unknown end. */
    @Override
    public void close() {
        isStopped = true;
        try {
            thread.join(CLOSE_MAX.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        sender.close(CLOSE_MAX);
        open.forEach(number -> onDone(number, null, new IllegalStateException("no answer at the end")));
    }
}
