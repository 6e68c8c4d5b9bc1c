package io.millrace.benchmarks.jms;

import io.millrace.benchmarks.figures.Effort;
import io.millrace.benchmarks.figures.Measured;
import io.millrace.benchmarks.figures.Stopwatch;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.util.List;

/**
 * One consumer receives from a queue that was filled before.
 *
 * @param acknowledgeEvery with client acknowledgement, after how many messages; 0: the session acknowledges each by itself
 */
record ReceiveRow(int acknowledgeEvery) implements Row {
    private static final long MESSAGES = 100_000;

    @Override
    public String name() {
        return acknowledgeEvery == 0
                ? "receive, auto acknowledge"
                : "receive, client acknowledge every " + acknowledgeEvery;
    }

    @Override
    public Measured run(Provider provider, Effort effort) throws JMSException {
        String queue = effort.unique("receives");
        long count = effort.count(MESSAGES);
        provider.fill(queue, count, Provider.BODY_BYTES, (message, index) -> {});
        Session session = provider.connect()
                .createSession(false, acknowledgeEvery == 0 ? Session.AUTO_ACKNOWLEDGE : Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(session.createQueue(queue));
        Stopwatch watch = provider.stopwatch();
        for (long i = 1; i <= count; i++) {
            Message message = consumer.receive(Provider.RECEIVE_MAX.toMillis());
            if (message == null) {
                throw new IllegalStateException(
                        "message " + i + " of " + count + " was not delivered within " + Provider.RECEIVE_MAX);
            }
            if (acknowledgeEvery > 0 && (i % acknowledgeEvery == 0 || i == count)) {
                message.acknowledge();
            }
        }
        Stopwatch.Span span = watch.stop();
        session.close();
        provider.drain(queue, 0);
        return new Measured(
                List.of(Measured.Figure.rate("messages/s", span.perSecond(count))), span.cpuSecondsPerMillion(count));
    }
}
