package io.millrace.benchmarks.jms;

import io.millrace.benchmarks.figures.Effort;
import io.millrace.benchmarks.figures.Measured;
import io.millrace.benchmarks.figures.Stopwatch;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.util.ArrayList;
import java.util.List;

/** One producer sends persistent messages to a topic, in transactions of 100; each durable subscriber receives all of them, acknowledging each. */
record FanOutRow(int subscribers) implements Row {
    private static final long DELIVERIES = 50_000;
    private static final int BATCH = 100;

    @Override
    public String name() {
        return "one topic to " + subscribers + (subscribers == 1 ? " durable subscriber" : " durable subscribers");
    }

    @Override
    public Measured run(Provider provider, Effort effort) throws JMSException, InterruptedException {
        String name = effort.unique("fan-out-" + subscribers);
        long messages = effort.count(DELIVERIES) / (subscribers == 1 ? 1 : 2) / BATCH * BATCH + BATCH;
        List<Session> sessions = new ArrayList<>();
        List<Crew.Work> work = new ArrayList<>();
        for (int i = 0; i < subscribers; i++) {
            Connection connection = provider.connectAs(name + "-" + i);
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            MessageConsumer consumer = session.createDurableSubscriber(session.createTopic(name), "s");
            sessions.add(session);
            work.add(() -> receive(consumer, messages));
        }
        Session sending = provider.connect().createSession(true, Session.SESSION_TRANSACTED);
        Topic topic = sending.createTopic(name);
        MessageProducer producer = sending.createProducer(topic);
        producer.setDeliveryMode(DeliveryMode.PERSISTENT);
        work.add(() -> send(sending, producer, messages));
        Stopwatch watch = provider.stopwatch();
        long delivered = Crew.run(work);
        Stopwatch.Span span = watch.stop();
        for (Session session : sessions) {
            session.unsubscribe("s");
        }
        return new Measured(
                List.of(Measured.Figure.rate("deliveries/s", span.perSecond(delivered))),
                span.cpuSecondsPerMillion(delivered));
    }

    private static long receive(MessageConsumer consumer, long messages) throws JMSException {
        for (long i = 1; i <= messages; i++) {
            if (consumer.receive(Provider.RECEIVE_MAX.toMillis()) == null) {
                throw new IllegalStateException("a subscriber did not get message " + i + " of " + messages + " within "
                        + Provider.RECEIVE_MAX);
            }
        }
        consumer.close();
        return messages;
    }

    private static long send(Session session, MessageProducer producer, long messages) throws JMSException {
        for (long i = 1; i <= messages; i++) {
            producer.send(Provider.message(session, Provider.BODY_BYTES));
            if (i % BATCH == 0) {
                session.commit();
            }
        }
        session.commit();
        return 0;
    }
}
