package io.millrace.benchmarks.jms;

import io.millrace.benchmarks.figures.Effort;
import io.millrace.benchmarks.figures.Measured;
import io.millrace.benchmarks.figures.Stopwatch;
import jakarta.jms.CompletionListener;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One producer sends persistent messages with a completion listener, at most 1,000 of them unanswered. Counted is what was completed. */
record AsyncSendRow() implements Row {
    private static final Duration TIME = Duration.ofSeconds(5);
    private static final int OUTSTANDING_MAX = 1_000;
    private static final long COMPLETION_MAX_SECONDS = 30;

    @Override
    public String name() {
        return "persistent asynchronous sends, 1 producer";
    }

    @Override
    public Measured run(Provider provider, Effort effort) throws JMSException, InterruptedException {
        String queue = effort.unique("async");
        Session session = provider.connect().createSession(false, Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        producer.setDeliveryMode(DeliveryMode.PERSISTENT);
        var permits = new Permits();
        Duration time = effort.time(TIME);
        Stopwatch watch = provider.stopwatch();
        long sent = 0;
        while (watch.isBefore(time)) {
            permits.take(1);
            producer.send(Provider.message(session, Provider.BODY_BYTES), permits);
            sent++;
        }
        permits.take(OUTSTANDING_MAX);
        Stopwatch.Span span = watch.stop();
        provider.drain(queue, sent);
        return new Measured(
                List.of(Measured.Figure.rate("messages/s", span.perSecond(sent))), span.cpuSecondsPerMillion(sent));
    }

    /** What may be outstanding, and what has failed. */
    private static final class Permits implements CompletionListener {
        private final Semaphore free = new Semaphore(OUTSTANDING_MAX);
        private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

        void take(int count) throws InterruptedException {
            boolean isTaken = free.tryAcquire(count, COMPLETION_MAX_SECONDS, TimeUnit.SECONDS);
            Exception failed = failure.get();
            if (failed != null) {
                throw new IllegalStateException("a send failed: " + failed, failed);
            }
            if (!isTaken) {
                throw new IllegalStateException("no send was completed for " + COMPLETION_MAX_SECONDS + " s");
            }
        }

        @Override
        public void onCompletion(Message message) {
            free.release();
        }

        @Override
        public void onException(Message message, Exception exception) {
            failure.compareAndSet(null, exception);
            free.release();
        }
    }
}
