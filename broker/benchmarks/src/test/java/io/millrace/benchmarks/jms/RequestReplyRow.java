package io.millrace.benchmarks.jms;

import io.millrace.benchmarks.figures.Effort;
import io.millrace.benchmarks.figures.Measured;
import io.millrace.benchmarks.figures.Stopwatch;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/** A requester sends a persistent message to a queue and waits for its answer in a temporary queue before it sends the next. */
record RequestReplyRow() implements Row {
    private static final Duration TIME = Duration.ofSeconds(5);

    @Override
    public String name() {
        return "request and reply over a temporary queue";
    }

    @Override
    public Measured run(Provider provider, Effort effort) throws JMSException, InterruptedException {
        String queue = effort.unique("requests");
        Session answering = provider.connect().createSession(false, Session.AUTO_ACKNOWLEDGE);
        MessageProducer answers = answering.createProducer(null);
        answering.createConsumer(answering.createQueue(queue)).setMessageListener(request -> {
            try {
                BytesMessage answer = Provider.message(answering, Provider.BODY_BYTES);
                answer.setJMSCorrelationID(request.getJMSMessageID());
                answers.send(request.getJMSReplyTo(), answer);
            } catch (JMSException e) {
                throw new IllegalStateException("no answer could be sent", e);
            }
        });
        Session session = provider.connect().createSession(false, Session.AUTO_ACKNOWLEDGE);
        TemporaryQueue replies = session.createTemporaryQueue();
        MessageConsumer consumer = session.createConsumer(replies);
        MessageProducer producer = session.createProducer(session.createQueue(queue));
        Duration time = effort.time(TIME);
        Stopwatch watch = provider.stopwatch();
        long count = 0;
        while (watch.isBefore(time)) {
            BytesMessage request = Provider.message(session, Provider.BODY_BYTES);
            request.setJMSReplyTo(replies);
            producer.send(request);
            Message reply = consumer.receive(Provider.RECEIVE_MAX.toMillis());
            if (reply == null || !Objects.equals(reply.getJMSCorrelationID(), request.getJMSMessageID())) {
                throw new IllegalStateException("request " + count + " got "
                        + (reply == null ? "no answer within " + Provider.RECEIVE_MAX : "the answer to another"));
            }
            count++;
        }
        Stopwatch.Span span = watch.stop();
        consumer.close();
        replies.delete();
        return new Measured(
                List.of(Measured.Figure.rate("requests/s", span.perSecond(count))), span.cpuSecondsPerMillion(count));
    }
}
