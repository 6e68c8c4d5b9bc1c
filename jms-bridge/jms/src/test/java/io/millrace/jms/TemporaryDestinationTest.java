package io.millrace.jms;

import static io.millrace.jms.TestProvider.SOON_MS;
import static io.millrace.jms.TestProvider.assertNothing;
import static io.millrace.jms.TestProvider.eventually;
import static io.millrace.jms.TestProvider.receive;
import static io.millrace.jms.TestProvider.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueRequestor;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicRequestor;
import jakarta.jms.TransactionRolledBackException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Temporary queues and topics: chapters 4.1.5, 4.2.4 and 6.2.2 of the specification. */
@Timeout(60)
class TemporaryDestinationTest {
    private final TestProvider provider = new TestProvider();

    @AfterEach
    void nothingIsLeftBehind() throws JMSException {
        provider.close();
        assertThat(provider.cluster.temporaryCount()).isZero();
    }

    @Test
    void aReplyReachesWhoHasAskedFromAnotherConnection() throws JMSException {
        Session asking = provider.session(Session.AUTO_ACKNOWLEDGE);
        Session answering = provider.session(Session.AUTO_ACKNOWLEDGE);
        TemporaryQueue answers = asking.createTemporaryQueue();
        MessageConsumer replies = asking.createConsumer(answers);
        Message request = asking.createTextMessage("how much?");
        request.setJMSReplyTo(answers);
        asking.createProducer(asking.createQueue("requests")).send(request);

        Message received =
                answering.createConsumer(answering.createQueue("requests")).receive(SOON_MS);
        assertThat(received.getJMSReplyTo()).isEqualTo(answers).isInstanceOf(TemporaryQueue.class);
        Message reply = answering.createTextMessage("five");
        reply.setJMSCorrelationID(received.getJMSMessageID());
        answering.createProducer(received.getJMSReplyTo()).send(reply);

        Message replied = replies.receive(SOON_MS);
        assertThat(text(replied)).isEqualTo("five");
        assertThat(replied.getJMSCorrelationID()).isEqualTo(request.getJMSMessageID());
        assertThat(replied.getJMSDestination()).isEqualTo(answers);
        assertThat(replied.getJMSRedelivered()).isFalse();
        assertThat(replied.getIntProperty("JMSXDeliveryCount")).isEqualTo(1);
    }

    @Test
    void requestorsOfTheSpecificationWork() throws JMSException {
        QueueConnection queues = provider.opened(provider.factory().createQueueConnection());
        TopicConnection topics = provider.opened(provider.factory().createTopicConnection());
        queues.start();
        topics.start();
        var queueSession = queues.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
        var topicSession = topics.createTopicSession(false, Session.AUTO_ACKNOWLEDGE);
        var queue = queueSession.createQueue("requests");
        var topic = topicSession.createTopic("questions");
        answer(queue);
        answer(topic);

        var ofQueue = new QueueRequestor(queueSession, queue);
        var ofTopic = new TopicRequestor(topicSession, topic);

        for (int i = 0; i < 20; i++) {
            assertThat(text(ofQueue.request(queueSession.createTextMessage("q" + i))))
                    .isEqualTo("re: q" + i);
            assertThat(text(ofTopic.request(topicSession.createTextMessage("t" + i))))
                    .isEqualTo("re: t" + i);
        }
    }

    private void answer(Destination requests) throws JMSException {
        Session session = provider.session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer anywhere = session.createProducer(null);
        session.createConsumer(requests).setMessageListener(message -> {
            try {
                anywhere.send(message.getJMSReplyTo(), session.createTextMessage("re: " + text(message)));
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void onlyTheConnectionThatHasCreatedItConsumesFromIt() throws JMSException {
        Session own = provider.session(Session.AUTO_ACKNOWLEDGE);
        Session foreign = provider.session(Session.AUTO_ACKNOWLEDGE);
        TemporaryQueue queue = own.createTemporaryQueue();
        TemporaryTopic topic = own.createTemporaryTopic();

        assertThatThrownBy(() -> foreign.createConsumer(queue))
                .isInstanceOf(InvalidDestinationException.class)
                .hasMessageContaining("only the connection that has created one");
        assertThatThrownBy(() -> foreign.createConsumer(topic)).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> foreign.createConsumer(foreign.createQueue(queue.getQueueName())))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> foreign.createBrowser(queue).getEnumeration())
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> own.createDurableConsumer(topic, "n")).isInstanceOf(JMSException.class);
    }

    @Test
    void itIsNotDeletedWhileItHasConsumers() throws JMSException {
        Session session = provider.session(Session.AUTO_ACKNOWLEDGE);
        TemporaryQueue queue = session.createTemporaryQueue();
        MessageConsumer consumer = session.createConsumer(queue);

        assertThatThrownBy(queue::delete)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("1 consumer");

        consumer.close();
        queue.delete();
        assertThatThrownBy(() -> session.createConsumer(queue)).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createProducer(queue).send(session.createMessage()))
                .isInstanceOf(InvalidDestinationException.class);
        queue.delete();
    }

    @Test
    void whoIsOnlyToldItsNameDoesNotDeleteIt() throws JMSException {
        Session session = provider.session(Session.AUTO_ACKNOWLEDGE);
        TemporaryQueue queue = session.createTemporaryQueue();
        var named = (TemporaryQueue) session.createQueue(queue.getQueueName());

        assertThatThrownBy(named::delete).isInstanceOf(JMSException.class);
    }

    @Test
    void itIsGoneWithItsConnection() throws JMSException {
        Session sender = provider.session(Session.AUTO_ACKNOWLEDGE);
        Connection connection = provider.factory().createConnection();
        TemporaryQueue queue = connection.createSession().createTemporaryQueue();
        sender.createProducer(queue).send(sender.createTextMessage("a"));

        connection.close();

        assertThatThrownBy(() -> sender.createProducer(queue).send(sender.createTextMessage("b")))
                .isInstanceOf(InvalidDestinationException.class);
    }

    @Test
    void aConsumerThatWaitsIsToldThatItsBrokerIsLost() throws JMSException {
        Connection connection = provider.started();
        var told = new CopyOnWriteArrayList<JMSException>();
        connection.setExceptionListener(told::add);
        Session session = connection.createSession();
        TemporaryQueue queue = session.createTemporaryQueue();
        MessageConsumer consumer = session.createConsumer(queue);
        session.createProducer(queue).send(session.createTextMessage("arrived"));
        eventually("the arrival", () -> provider.cluster.unconsumedCount(nameOf(queue)) == 1);

        provider.cluster.loseTemporaries();

        assertThat(receive(consumer)).isEqualTo("arrived");
        assertThatThrownBy(() -> consumer.receive(SOON_MS))
                .isInstanceOf(InvalidDestinationException.class)
                .hasMessageContaining("create another one");
        eventually("the exception listener", () -> told.size() == 1);
        assertThat(told.get(0)).hasMessageContaining("1 temporary destinations of this connection are lost");
        TemporaryQueue another = session.createTemporaryQueue();
        MessageConsumer again = session.createConsumer(another);
        session.createProducer(another).send(session.createTextMessage("b"));
        assertThat(receive(again)).isEqualTo("b");
    }

    private static String nameOf(TemporaryQueue queue) {
        return ((MillraceQueue) queue).getName();
    }

    @Test
    void priorityThenOrderOfSendingIsKept() throws JMSException {
        Session session = provider.session(Session.AUTO_ACKNOWLEDGE);
        TemporaryQueue queue = session.createTemporaryQueue();
        MessageProducer producer = session.createProducer(queue);
        int[] priorities = {4, 9, 0, 9, 4};
        for (int i = 0; i < priorities.length; i++) {
            producer.send(session.createTextMessage("m" + i), DeliveryMode.NON_PERSISTENT, priorities[i], 0);
        }
        awaitBrowsed(session, queue, priorities.length);

        MessageConsumer consumer = session.createConsumer(queue);

        List<String> received = new ArrayList<>();
        for (int i = 0; i < priorities.length; i++) {
            received.add(receive(consumer));
        }
        assertThat(received).containsExactly("m1", "m3", "m0", "m4", "m2");
    }

    private static void awaitBrowsed(Session session, TemporaryQueue queue, int count) throws JMSException {
        var browser = session.createBrowser(queue);
        eventually("the arrival of " + count, () -> {
            try {
                Enumeration<?> found = browser.getEnumeration();
                return Collections.list(found).size() == count;
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void selectorsExpirationAndDelayAreKept() throws JMSException {
        Session session = provider.session(Session.AUTO_ACKNOWLEDGE);
        TemporaryQueue queue = session.createTemporaryQueue();
        MessageProducer producer = session.createProducer(queue);
        Message red = session.createTextMessage("red");
        red.setStringProperty("colour", "red");
        producer.send(session.createTextMessage("expired"), DeliveryMode.PERSISTENT, 4, 1);
        producer.send(session.createTextMessage("plain"));
        producer.send(red);
        producer.setDeliveryDelay(300);
        producer.send(session.createTextMessage("late"));

        assertThat(receive(session.createConsumer(queue, "colour = 'red'"))).isEqualTo("red");
        MessageConsumer rest = session.createConsumer(queue);
        assertThat(receive(rest)).isEqualTo("plain");
        TextMessage late = (TextMessage) rest.receive(SOON_MS);
        assertThat(late.getText()).isEqualTo("late");
        assertThat(System.currentTimeMillis()).isGreaterThanOrEqualTo(late.getJMSDeliveryTime());
        assertNothing(rest);
        eventually("room for all", () -> provider.cluster.unconsumedCount(nameOf(queue)) == 0);
    }

    @Test
    void aTransactionSendsAtCommitAndDeliversAgainAfterRollback() throws JMSException {
        Session session = provider.session(Session.SESSION_TRANSACTED);
        TemporaryQueue queue = session.createTemporaryQueue();
        MessageProducer producer = session.createProducer(queue);
        MessageConsumer consumer = session.createConsumer(queue);
        producer.send(session.createTextMessage("dropped"));
        session.rollback();
        producer.send(session.createTextMessage("a"));
        assertNothing(consumer);
        session.commit();

        assertThat(receive(consumer)).isEqualTo("a");
        session.rollback();
        Message again = consumer.receive(SOON_MS);
        assertThat(text(again)).isEqualTo("a");
        assertThat(again.getJMSRedelivered()).isTrue();
        assertThat(again.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
        assertThat(provider.cluster.unconsumedCount(nameOf(queue))).isEqualTo(1);
        session.commit();
        assertThat(provider.cluster.unconsumedCount(nameOf(queue))).isZero();
    }

    @Test
    void aTransactionThatSendsToOneThatIsGoneIsRolledBack() throws JMSException {
        Session session = provider.session(Session.SESSION_TRANSACTED);
        TemporaryQueue queue = session.createTemporaryQueue();
        session.createProducer(queue).send(session.createTextMessage("a"));
        queue.delete();

        assertThatThrownBy(session::commit).isInstanceOf(TransactionRolledBackException.class);
    }

    @Test
    void whatACloseGivesBackGoesToTheNextConsumerMarked() throws JMSException {
        Connection connection = provider.started();
        Session first = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        Session second = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        TemporaryQueue queue = first.createTemporaryQueue();
        first.createProducer(queue).send(first.createTextMessage("a"));
        assertThat(receive(first.createConsumer(queue))).isEqualTo("a");

        first.close();

        Message again = second.createConsumer(queue).receive(SOON_MS);
        assertThat(text(again)).isEqualTo("a");
        assertThat(again.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
        again.acknowledge();
        assertThat(provider.cluster.unconsumedCount(nameOf(queue))).isZero();
    }

    @Test
    void everySubscriberOfATemporaryTopicGetsACopyFromItsBeginningOn() throws JMSException {
        Session session = provider.session(Session.AUTO_ACKNOWLEDGE);
        Session foreign = provider.session(Session.AUTO_ACKNOWLEDGE);
        TemporaryTopic topic = session.createTemporaryTopic();
        MessageProducer own = session.createProducer(topic);
        own.send(session.createTextMessage("before"));
        String name = ((MillraceTopic) topic).getName();
        eventually("that nobody wants it", () -> provider.cluster.unconsumedCount(name) == 0);
        MessageConsumer all = session.createConsumer(topic);
        MessageConsumer others = session.createConsumer(topic, null, true);

        own.send(session.createTextMessage("own"));
        foreign.createProducer(topic).send(foreign.createTextMessage("foreign"));

        assertThat(receive(all)).isEqualTo("own");
        assertThat(receive(all)).isEqualTo("foreign");
        assertThat(receive(others)).isEqualTo("foreign");
        assertNothing(others);
        eventually("room for all", () -> provider.cluster.unconsumedCount(name) == 0);
        own.send(session.createTextMessage("unread"));
        all.close();
        others.close();
        eventually("that nobody wants it", () -> provider.cluster.unconsumedCount(name) == 0);
        topic.delete();
    }

    @Test
    void aBrowserTakesNothing() throws JMSException {
        Session session = provider.session(Session.AUTO_ACKNOWLEDGE);
        TemporaryQueue queue = session.createTemporaryQueue();
        session.createProducer(queue).send(session.createTextMessage("a"));

        awaitBrowsed(session, queue, 1);
        awaitBrowsed(session, queue, 1);

        assertThat(receive(session.createConsumer(queue))).isEqualTo("a");
        awaitBrowsed(session, queue, 0);
    }

    @Test
    void listenersAndTheSimplifiedApiUseThem() throws JMSException {
        var seen = new CopyOnWriteArrayList<String>();
        try (JMSContext context = provider.factory().createContext()) {
            TemporaryQueue queue = context.createTemporaryQueue();
            context.createConsumer(queue).setMessageListener(message -> {
                try {
                    seen.add(text(message));
                } catch (JMSException e) {
                    throw new AssertionError(e);
                }
            });
            context.createProducer().send(queue, "a").send(queue, "b");
            eventually("both", () -> seen.equals(List.of("a", "b")));
        }
    }

    @Test
    void manyAreCreatedAndDeletedWithoutATrace() throws JMSException {
        Session session = provider.session(Session.AUTO_ACKNOWLEDGE);
        for (int i = 0; i < 1_000; i++) {
            session.createTemporaryQueue().delete();
        }
        assertThat(provider.cluster.temporaryCount()).isZero();
    }
}
