package io.millrace.benchmarks.jms;

import io.millrace.benchmarks.figures.Effort;
import io.millrace.benchmarks.figures.Latencies;
import io.millrace.benchmarks.figures.Measured;
import io.millrace.benchmarks.figures.Stopwatch;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Persistent messages of 1 KiB at a fixed rate, sent synchronously by some producers that share them; listeners take the time from the moment at which a message
 * was due to be sent until it is delivered, so that what a producer is late by counts.
 *
 * @param queues each gets as many messages as the others, one after the other
 */
record PacedRow(String name, int queues, int perSecond, int producers) implements Row {
    private static final Duration TIME = Duration.ofSeconds(10);
    private static final int SESSIONS_MAX = 20;
    private static final String DUE = "due";

    static PacedRow latency(int perSecond, int producers) {
        return new PacedRow(
                String.format(java.util.Locale.ROOT, "end to end at %,d messages/s", perSecond),
                1,
                perSecond,
                producers);
    }

    static PacedRow manyQueues() {
        return new PacedRow("1,000 queues with one message each per second", 1_000, 1_000, 8);
    }

    @Override
    public Measured run(Provider provider, Effort effort) throws JMSException, InterruptedException {
        long messages = Math.max(queues, Math.round(effort.time(TIME).toMillis() / 1e3 * perSecond));
        var latencies = new Latencies((int) messages);
        var undelivered = new CountDownLatch((int) messages);
        List<String> names = new ArrayList<>();
        for (int i = 0; i < queues; i++) {
            // The same ones in every pass: it is not their creation that is measured.
            names.add(queues == 1 ? effort.unique("paced") : "one-of-many-" + i);
        }
        listen(provider, names, latencies, undelivered);
        List<Session> sessions = new ArrayList<>();
        for (int i = 0; i < producers; i++) {
            sessions.add(provider.connect().createSession(false, Session.AUTO_ACKNOWLEDGE));
        }
        Stopwatch watch = provider.stopwatch();
        long start = System.nanoTime();
        List<Crew.Work> work = new ArrayList<>();
        for (int i = 0; i < producers; i++) {
            int first = i;
            work.add(() -> send(sessions.get(first), names, start, first, messages));
        }
        Crew.run(work);
        if (!undelivered.await(Provider.RECEIVE_MAX.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException(undelivered.getCount() + " of " + messages
                    + " messages were not delivered within " + Provider.RECEIVE_MAX + " after the last was sent");
        }
        Stopwatch.Span span = watch.stop();
        double[] percentiles = latencies.percentiles(50, 99, 99.9);
        return new Measured(
                List.of(
                        Measured.Figure.millis("p50 ms", percentiles[0]),
                        Measured.Figure.millis("p99 ms", percentiles[1]),
                        Measured.Figure.millis("p99.9 ms", percentiles[2])),
                span.cpuSecondsPerMillion(messages));
    }

    private static void listen(Provider provider, List<String> queues, Latencies latencies, CountDownLatch undelivered)
            throws JMSException {
        Connection connection = provider.connect();
        List<Session> sessions = new ArrayList<>();
        for (int i = 0; i < queues.size(); i++) {
            if (i < SESSIONS_MAX) {
                sessions.add(connection.createSession(false, Session.AUTO_ACKNOWLEDGE));
            }
            Session session = sessions.get(i % sessions.size());
            session.createConsumer(session.createQueue(queues.get(i))).setMessageListener(message -> {
                latencies.add(System.nanoTime() - due(message));
                undelivered.countDown();
            });
        }
    }

    private static long due(Message message) {
        try {
            return message.getLongProperty(DUE);
        } catch (JMSException e) {
            throw new IllegalStateException("a message that does not say when it was due", e);
        }
    }

    private long send(Session session, List<String> names, long start, int first, long messages) throws JMSException {
        List<jakarta.jms.Queue> destinations = new ArrayList<>();
        for (String name : names) {
            destinations.add(session.createQueue(name));
        }
        MessageProducer producer = session.createProducer(null);
        for (long i = first; i < messages; i += producers) {
            long due = start + i * 1_000_000_000 / perSecond;
            while (System.nanoTime() < due) {
                LockSupport.parkNanos(due - System.nanoTime());
            }
            Message message = Provider.message(session, Provider.BODY_BYTES);
            message.setLongProperty(DUE, due);
            producer.send(destinations.get((int) (i % destinations.size())), message);
        }
        return 0;
    }
}
