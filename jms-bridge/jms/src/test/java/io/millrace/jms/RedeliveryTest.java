package io.millrace.jms;

import static io.millrace.jms.TestProvider.eventually;
import static io.millrace.jms.TestProvider.receive;
import static io.millrace.jms.TestProvider.send;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.QueueRedelivery;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who delivers a message again that has failed: its consumer, or the broker, which counts, lets it wait and gives it up. */
class RedeliveryTest {
    private static final Duration NO_DELAY = Duration.ZERO;

    private final TestProvider provider = new TestProvider();
    private final List<Integer> counts = new CopyOnWriteArrayList<>();
    private final List<Boolean> marks = new CopyOnWriteArrayList<>();

    @AfterEach
    void closeProvider() throws JMSException {
        provider.close();
    }

    @Test
    void aListenerThatThrowsGetsAMessageAsOftenAsTheBrokerSays() throws JMSException {
        provider.cluster.redeliver(new QueueRedelivery(4, NO_DELAY));
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        session.createConsumer(session.createQueue("q")).setMessageListener(this::fail);

        send(provider.session(Session.AUTO_ACKNOWLEDGE), "q", "poison");

        eventually("its end", () -> provider.cluster.settledCount("q") == 1);
        assertThat(counts).containsExactly(1, 2, 3, 4);
        assertThat(marks).containsExactly(false, true, true, true);
        assertThat(provider.cluster.errors()).containsExactly("java.lang.UnsupportedOperationException: delivery 4");
    }

    @Test
    void withADelayTheBrokerDeliversEachTime() throws JMSException {
        provider.cluster.redeliver(new QueueRedelivery(3, Duration.ofMillis(1)));
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        session.createConsumer(session.createQueue("q")).setMessageListener(this::fail);

        send(provider.session(Session.AUTO_ACKNOWLEDGE), "q", "poison");

        eventually("its end", () -> provider.cluster.settledCount("q") == 1);
        assertThat(counts).containsExactly(1, 2, 3);
        assertThat(provider.cluster.errors())
                .containsExactly(
                        "java.lang.UnsupportedOperationException: delivery 1",
                        "java.lang.UnsupportedOperationException: delivery 2",
                        "java.lang.UnsupportedOperationException: delivery 3");
    }

    @Test
    void aRollbackDeliversAgainAsOftenAsTheBrokerSays() throws JMSException {
        provider.cluster.redeliver(new QueueRedelivery(2, NO_DELAY));
        var session = provider.session(Session.SESSION_TRANSACTED);
        send(provider.session(Session.AUTO_ACKNOWLEDGE), "q", "poison", "other");
        var consumer = session.createConsumer(session.createQueue("q"));
        assertThat(receive(consumer)).isEqualTo("poison");
        session.rollback();
        assertThat(receive(consumer)).isEqualTo("poison");

        session.rollback();

        assertThat(receive(consumer)).isEqualTo("other");
        session.commit();
        assertThat(provider.cluster.settledCount("q")).isEqualTo(2);
        assertThat(provider.cluster.errors()).containsExactly((String) null);
    }

    @Test
    void aMessageThatIsReleasedByTheEndOfItsSessionKeepsItsCount() throws JMSException {
        provider.cluster.redeliver(new QueueRedelivery(10, NO_DELAY));
        var session = provider.session(Session.CLIENT_ACKNOWLEDGE);
        send(provider.session(Session.AUTO_ACKNOWLEDGE), "q", "again");
        var consumer = session.createConsumer(session.createQueue("q"));
        receive(consumer);
        session.recover();
        receive(consumer);
        session.close();

        var next = provider.session(Session.AUTO_ACKNOWLEDGE);
        Message again = next.createConsumer(next.createQueue("q")).receive(TestProvider.SOON_MS);

        assertThat(again.getIntProperty("JMSXDeliveryCount")).isEqualTo(3);
    }

    private void fail(Message message) {
        try {
            int count = message.getIntProperty("JMSXDeliveryCount");
            counts.add(count);
            marks.add(message.getJMSRedelivered());
            throw new UnsupportedOperationException("delivery " + count);
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }
}
