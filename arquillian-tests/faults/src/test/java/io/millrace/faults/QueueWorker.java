package io.millrace.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.client.AcknowledgeType;
import io.millrace.client.ClusterClient;
import io.millrace.client.QueueConsumer;
import io.millrace.client.QueueConsumerConfiguration;
import io.millrace.client.QueueMessage;
import io.millrace.faults.history.History;
import io.millrace.faults.history.Place;
import io.millrace.faults.history.Send;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/** Receives and acknowledges messages one by one, on a thread of its own, and writes the history of it. */
final class QueueWorker implements AutoCloseable {
    private final String name;
    private final QueueConsumer consumer;
    private final History history;
    private final AtomicLong acknowledged = new AtomicLong();
    private final Thread thread;
    private volatile String problem = "";

    QueueWorker(String name, ClusterClient client, String queue, History history) {
        this.name = name;
        this.consumer = client.newQueueConsumer(
                queue, QueueConsumerConfiguration.defaults().withPrefetch(10));
        this.history = history;
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (!Thread.currentThread().isInterrupted()) {
                QueueMessage message = consumer.receive(Duration.ofMillis(200));
                if (message != null) {
                    settle(message);
                }
            }
        } catch (InterruptedException ignored) { // closed
            Thread.currentThread().interrupt();
        }
    }

    private void settle(QueueMessage message) throws InterruptedException {
        var place = new Place(message.partition().partition(), message.offset());
        String value = new String(message.value(), UTF_8);
        history.delivered(name, place, value, message.deliveryCount());
        Send.Outcome outcome = Send.Outcome.UNKNOWN;
        try {
            consumer.acknowledge(List.of(message), AcknowledgeType.ACCEPT).get(75, TimeUnit.SECONDS);
            outcome = Send.Outcome.ACKNOWLEDGED;
            acknowledged.incrementAndGet();
        } catch (ExecutionException ignored) { // it may be in force or not; where not, the message comes again
            outcome = Send.Outcome.UNKNOWN;
        } catch (TimeoutException e) {
            problem = name + ": the acknowledgement of " + value + " neither succeeded nor failed within 75 s";
        } finally {
            history.acknowledged(name, place, value, outcome);
        }
    }

    long acknowledged() {
        return acknowledged.get();
    }

    String problem() {
        return problem;
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join(10_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        consumer.close();
    }
}
