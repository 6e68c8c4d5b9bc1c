package io.millrace.benchmarks.jms;

import io.millrace.benchmarks.figures.Effort;
import io.millrace.benchmarks.figures.Measured;
import io.millrace.benchmarks.figures.Stopwatch;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.List;

/** A queue holds a million messages; a consumer wants one of each thousand, the last of them. Measured is how long it takes to get the first, and all. */
record SelectorRow() implements Row {
    private static final long MESSAGES = 1_000_000;
    private static final int ONE_IN = 1_000;
    private static final int BODY_BYTES = 100;
    private static final Duration FIRST_MAX = Duration.ofSeconds(60);

    @Override
    public String name() {
        return "a selector that matches 1 in 1,000 of a million";
    }

    @Override
    public boolean isForClusters() {
        return false;
    }

    @Override
    public Measured run(Provider provider, Effort effort) throws JMSException {
        String queue = effort.unique("selected");
        long matches = Math.max(1, effort.count(MESSAGES) / ONE_IN);
        provider.fill(
                queue,
                matches * ONE_IN,
                BODY_BYTES,
                (message, index) -> message.setIntProperty("n", (int) (index % ONE_IN)));
        Session session = provider.connect().createSession(false, Session.AUTO_ACKNOWLEDGE);
        Stopwatch watch = provider.stopwatch();
        MessageConsumer consumer = session.createConsumer(session.createQueue(queue), "n = " + (ONE_IN - 1));
        receive(consumer, 1, matches, FIRST_MAX);
        Duration first = watch.stop().time();
        for (long i = 2; i <= matches; i++) {
            receive(consumer, i, matches, Provider.RECEIVE_MAX);
        }
        Stopwatch.Span span = watch.stop();
        session.close();
        return new Measured(
                List.of(
                        Measured.Figure.millis("ms to the first", first.toNanos() / 1e6),
                        Measured.Figure.millis("ms to the last", span.time().toNanos() / 1e6)),
                span.cpuSecondsPerMillion(matches * ONE_IN));
    }

    private static void receive(MessageConsumer consumer, long index, long matches, Duration max) throws JMSException {
        var message = consumer.receive(max.toMillis());
        if (message == null) {
            throw new IllegalStateException("match " + index + " of " + matches + " was not delivered within " + max);
        }
        if (message.getIntProperty("n") != ONE_IN - 1) {
            throw new IllegalStateException("a message with n = " + message.getIntProperty("n") + " was delivered");
        }
    }
}
