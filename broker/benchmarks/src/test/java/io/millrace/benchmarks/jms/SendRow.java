package io.millrace.benchmarks.jms;

import io.millrace.benchmarks.figures.Effort;
import io.millrace.benchmarks.figures.Measured;
import io.millrace.benchmarks.figures.Stopwatch;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Producers, each with a connection, a session and a thread, send messages of 1 KiB to one queue until time is up. Afterwards the queue is read:
 * it must hold what was sent.
 *
 * @param batch messages of a transaction; 0: none
 */
record SendRow(String name, int producers, boolean isPersistent, int batch) implements Row {
    private static final Duration TIME = Duration.ofSeconds(5);

    static SendRow synchronous(int producers) {
        return new SendRow(
                "persistent synchronous sends, " + producers + (producers == 1 ? " producer" : " producers"),
                producers,
                true,
                0);
    }

    static SendRow nonPersistent() {
        return new SendRow("non-persistent sends, 1 producer", 1, false, 0);
    }

    static SendRow transacted(int batch) {
        return new SendRow("sends in transactions of " + batch + ", 1 producer", 1, true, batch);
    }

    @Override
    public Measured run(Provider provider, Effort effort) throws JMSException, InterruptedException {
        String queue = effort.unique("sends");
        List<Session> sessions = new ArrayList<>();
        List<MessageProducer> senders = new ArrayList<>();
        for (int i = 0; i < producers; i++) {
            Session session = batch > 0
                    ? provider.connect().createSession(true, Session.SESSION_TRANSACTED)
                    : provider.connect().createSession(false, Session.AUTO_ACKNOWLEDGE);
            MessageProducer producer = session.createProducer(session.createQueue(queue));
            producer.setDeliveryMode(isPersistent ? DeliveryMode.PERSISTENT : DeliveryMode.NON_PERSISTENT);
            sessions.add(session);
            senders.add(producer);
        }
        Duration time = effort.time(TIME);
        Stopwatch watch = provider.stopwatch();
        List<Crew.Work> work = new ArrayList<>();
        for (int i = 0; i < producers; i++) {
            Session session = sessions.get(i);
            MessageProducer sender = senders.get(i);
            work.add(() -> send(session, sender, watch, time));
        }
        long sent = Crew.run(work);
        Stopwatch.Span span = watch.stop();
        provider.drain(queue, sent);
        return new Measured(
                List.of(Measured.Figure.rate("messages/s", span.perSecond(sent))), span.cpuSecondsPerMillion(sent));
    }

    private long send(Session session, MessageProducer sender, Stopwatch watch, Duration time) throws JMSException {
        long sent = 0;
        while (watch.isBefore(time)) {
            for (int i = 0; i < Math.max(1, batch); i++) {
                sender.send(Provider.message(session, Provider.BODY_BYTES));
                sent++;
            }
            if (batch > 0) {
                session.commit();
            }
        }
        return sent;
    }
}
