package io.millrace.jms;

import static io.millrace.jms.TestProvider.NOT_MS;
import static io.millrace.jms.TestProvider.SOON_MS;
import static io.millrace.jms.TestProvider.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.CompletionListener;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Chapters 7.3 to 7.6 and 7.10: what a producer of the simplified API puts on messages, and how it sends without waiting. */
@Timeout(60)
class JMSProducerTest {
    private final TestProvider provider = new TestProvider();
    private final JMSContext context = provider.factory().createContext();
    private final Queue queue = context.createQueue("q");
    private final List<String> completed = new CopyOnWriteArrayList<>();
    private final List<Throwable> failed = new CopyOnWriteArrayList<>();

    @AfterEach
    void closeAll() throws JMSException {
        context.close();
        provider.close();
    }

    @Test
    void whatTheProducerSaysOverridesWhatTheMessageSays() throws JMSException {
        Message message = context.createTextMessage("a");
        message.setIntProperty("n", 1);
        message.setStringProperty("own", "kept");
        message.setJMSCorrelationID("of the message");
        message.setJMSType("of the message");
        message.setJMSReplyTo(context.createQueue("r1"));

        context.createProducer()
                .setProperty("n", 2)
                .setJMSCorrelationID("of the producer")
                .setJMSType("of the producer")
                .setJMSReplyTo(context.createTopic("r2"))
                .send(queue, message);

        Message received = context.createConsumer(queue).receive(SOON_MS);
        assertThat(received.getIntProperty("n")).isEqualTo(2);
        assertThat(received.getStringProperty("own")).isEqualTo("kept");
        assertThat(received.getJMSCorrelationID()).isEqualTo("of the producer");
        assertThat(received.getJMSType()).isEqualTo("of the producer");
        assertThat(received.getJMSReplyTo()).isEqualTo(context.createTopic("r2"));
    }

    @Test
    void anAsynchronousSendReturnsBeforeItsListenerIsCalled() {
        provider.cluster.holdSends();
        JMSProducer producer = context.createProducer().setAsync(listener());

        producer.send(queue, "a").send(queue, "b");
        assertThat(completed).isEmpty();
        provider.cluster.releaseSends();

        eventually("both completions", () -> completed.size() == 2);
        assertThat(completed).containsExactly("a", "b");
        assertThat(producer.getAsync()).isNotNull();
        assertThat(producer.setAsync(null).getAsync()).isNull();
    }

    @Test
    void sendsThatWaitAndSendsThatDoNotKeepTheirOrder() {
        JMSProducer producer = context.createProducer();
        for (int i = 0; i < 40; i++) {
            producer.setAsync(i % 3 == 0 ? null : listener()).send(queue, "m" + i);
        }

        JMSConsumer consumer = context.createConsumer(queue);
        for (int i = 0; i < 40; i++) {
            assertThat(consumer.receiveBody(String.class, SOON_MS)).isEqualTo("m" + i);
        }
    }

    @Test
    void whatTheCallCanThrowItThrowsAndTheListenerIsNotTold() {
        JMSProducer producer = context.createProducer().setAsync(listener());

        assertThatThrownBy(() -> producer.send(null, "a")).isInstanceOf(InvalidDestinationRuntimeException.class);
        producer.send(queue, "b");

        eventually("the completion", () -> completed.size() == 1);
        assertThat(completed).containsExactly("b");
        assertThat(failed).isEmpty();
    }

    @Test
    void aCompletionListenerMayNeitherCloseNorCommitNorRollBack() throws JMSException {
        try (JMSContext transacted = provider.factory().createContext(JMSContext.SESSION_TRANSACTED)) {
            transacted
                    .createProducer()
                    .setAsync(new CompletionListener() {
                        @Override
                        public void onCompletion(Message message) {
                            for (Runnable step :
                                    List.<Runnable>of(transacted::commit, transacted::rollback, transacted::close)) {
                                try {
                                    step.run();
                                } catch (IllegalStateRuntimeException e) {
                                    failed.add(e);
                                }
                            }
                        }

                        @Override
                        public void onException(Message message, Exception exception) {
                            completed.add("unexpected");
                        }
                    })
                    .send(queue, "a");

            eventually("three refusals", () -> failed.size() == 3);
            assertThat(completed).isEmpty();
        }
    }

    @Test
    void aRollbackWaitsForCompletionListeners() {
        try (JMSContext transacted = provider.factory().createContext(JMSContext.SESSION_TRANSACTED)) {
            JMSProducer producer = transacted.createProducer().setAsync(listener());
            for (int i = 0; i < 20; i++) {
                producer.send(queue, "m" + i);
            }

            transacted.rollback();

            assertThat(completed).hasSize(20);
            assertThat(provider.cluster.records("q")).isEmpty();
        }
    }

    @Test
    void closingAProducerOrItsConnectionWaitsForCompletionListeners() throws Exception {
        for (boolean closesProducer : new boolean[] {true, false}) {
            completed.clear();
            var connection = provider.started();
            var session = connection.createSession();
            var producer = session.createProducer(queue);
            provider.cluster.holdSends();
            producer.send(session.createTextMessage("a"), listener());
            var closing = new FutureTask<Void>(() -> {
                if (closesProducer) {
                    producer.close();
                } else {
                    connection.close();
                }
                return null;
            });
            var closer = new Thread(closing);
            closer.start();
            closer.join(NOT_MS);
            assertThat(closing.isDone()).isFalse();

            provider.cluster.releaseSends();

            closing.get(SOON_MS, TimeUnit.MILLISECONDS);
            assertThat(completed).containsExactly("a");
        }
    }

    private CompletionListener listener() {
        return new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                try {
                    completed.add(TestProvider.text(message));
                } catch (JMSException e) {
                    failed.add(e);
                }
            }

            @Override
            public void onException(Message message, Exception exception) {
                failed.add(exception);
            }
        };
    }
}
