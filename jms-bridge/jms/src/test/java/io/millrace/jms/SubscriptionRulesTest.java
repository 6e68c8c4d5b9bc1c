package io.millrace.jms;

import static io.millrace.jms.TestProvider.SOON_MS;
import static io.millrace.jms.TestProvider.assertNothing;
import static io.millrace.jms.TestProvider.receive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Chapters 4.2.4, 8.3 and 9.2: names of subscriptions, what keeps them, and what sessions of queues know of topics. */
@Timeout(60)
class SubscriptionRulesTest {
    private final TestProvider provider = new TestProvider();

    @AfterEach
    void closeProvider() throws JMSException {
        provider.close();
    }

    @FunctionalInterface
    private interface Step {
        void run() throws JMSException;
    }

    @Test
    void namesMayHave128CharactersAndAllThatTheSpecificationNames() throws JMSException {
        Session session = session("shop");
        Topic topic = session.createTopic("prices");
        for (String name : List.of("x".repeat(128), "Gr\u00fc\u00dfe_an.alle-7", "\u00e9t\u00e9.\u0416")) {
            try (MessageConsumer durable = session.createDurableConsumer(topic, name);
                    MessageConsumer shared = session.createSharedConsumer(topic, name)) {
                session.createProducer(topic).send(session.createTextMessage(name));

                assertThat(receive(durable)).isEqualTo(name);
                assertThat(receive(shared)).isEqualTo(name);
            }
            session.unsubscribe(name);
        }
    }

    @Test
    void aMessageThatIsNotAcknowledgedKeepsItsSubscription() throws JMSException {
        Connection connection = provider.connection();
        connection.setClientID("shop");
        connection.start();
        Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        Topic topic = session.createTopic("prices");
        MessageConsumer consumer = session.createDurableConsumer(topic, "audit");
        session.createProducer(topic).send(session.createTextMessage("a"));
        Message message = consumer.receive(SOON_MS);
        consumer.close();

        assertThatThrownBy(() -> session.unsubscribe("audit")).isInstanceOf(IllegalStateException.class);
        message.acknowledge();
        session.unsubscribe("audit");
    }

    @Test
    void acknowledgingOneCopyLeavesTheOthers() throws JMSException {
        Session session = session("shop");
        Topic topic = session.createTopic("prices");
        MessageConsumer first = session.createDurableConsumer(topic, "first");
        MessageConsumer second = session.createDurableConsumer(topic, "second");
        MessageConsumer plain = session.createConsumer(topic);
        session.createProducer(topic).send(session.createTextMessage("a"));

        assertThat(receive(first)).isEqualTo("a");
        first.close();

        assertThat(receive(second)).isEqualTo("a");
        assertThat(receive(plain)).isEqualTo("a");
    }

    @Test
    void aDurableAndASharedSubscriptionOfOneNameAreTwo() throws JMSException {
        Session session = session("shop");
        Topic topic = session.createTopic("prices");
        MessageConsumer durable = session.createSharedDurableConsumer(topic, "workers");
        MessageConsumer shared = session.createSharedConsumer(topic, "workers");

        session.createProducer(topic).send(session.createTextMessage("a"));

        assertThat(receive(durable)).isEqualTo("a");
        assertThat(receive(shared)).isEqualTo("a");
        assertNothing(durable);
        assertNothing(shared);
    }

    @Test
    void aSharedOneRefusesAnotherTopicAndAnotherSelectorWhileItHasConsumers() throws JMSException {
        Session session = session(null);
        Topic topic = session.createTopic("prices");
        for (boolean isDurable : new boolean[] {true, false}) {
            MessageConsumer consumer = shared(session, isDurable, topic, "n > 1");

            assertThatThrownBy(() -> shared(session, isDurable, topic, "n > 2")).isInstanceOf(JMSException.class);
            assertThatThrownBy(() -> shared(session, isDurable, session.createTopic("orders"), "n > 1"))
                    .isInstanceOf(JMSException.class);
            shared(session, isDurable, topic, "n > 1").close();
            consumer.close();
        }
    }

    private static MessageConsumer shared(Session session, boolean isDurable, Topic topic, String selector)
            throws JMSException {
        return isDurable
                ? session.createSharedDurableConsumer(topic, "workers", selector)
                : session.createSharedConsumer(topic, "workers", selector);
    }

    @Test
    void aSessionOfQueuesRefusesWhatTopicsHave() throws JMSException {
        QueueConnection queues = provider.opened(provider.factory().createQueueConnection());
        QueueSession session = queues.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
        Topic topic = new MillraceTopic("t");
        List<Step> refused = List.of(
                () -> session.createDurableSubscriber(topic, "n"),
                () -> session.createDurableSubscriber(topic, "n", null, false),
                () -> session.createDurableConsumer(topic, "n"),
                () -> session.createDurableConsumer(topic, "n", null, false),
                () -> session.createSharedConsumer(topic, "n"),
                () -> session.createSharedConsumer(topic, "n", null),
                () -> session.createSharedDurableConsumer(topic, "n"),
                () -> session.createSharedDurableConsumer(topic, "n", null),
                session::createTemporaryTopic,
                () -> session.createTopic("t"),
                () -> session.unsubscribe("n"),
                () -> queues.createSharedConnectionConsumer(topic, "n", null, null, 1),
                () -> queues.createDurableConnectionConsumer(topic, "n", null, null, 1),
                () -> queues.createSharedDurableConnectionConsumer(topic, "n", null, null, 1));

        for (Step step : refused) {
            assertThatThrownBy(step::run).isInstanceOf(IllegalStateException.class);
        }
    }

    private Session session(String clientId) throws JMSException {
        Connection connection = provider.connection();
        if (clientId != null) {
            connection.setClientID(clientId);
        }
        connection.start();
        return connection.createSession(Session.AUTO_ACKNOWLEDGE);
    }
}
