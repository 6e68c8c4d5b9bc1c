package io.millrace.jms;

import static io.millrace.jms.TestProvider.SOON_MS;
import static io.millrace.jms.TestProvider.assertNothing;
import static io.millrace.jms.TestProvider.eventually;
import static io.millrace.jms.TestProvider.receive;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.DestinationKind;
import io.millrace.client.ProducerConfiguration;
import io.millrace.client.ProducerRecord;
import jakarta.jms.BytesMessage;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.TopicSubscriber;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Chapter 8.3: subscriptions that are not durable. */
class TopicTest {
    private final TestProvider provider = new TestProvider(2);

    @AfterEach
    void closeProvider() throws JMSException {
        provider.close();
    }

    @Test
    void everySubscriberGetsWhatIsSentAfterItSubscribed() throws JMSException {
        var sender = provider.session(Session.AUTO_ACKNOWLEDGE);
        publish(sender, "before");
        var first = subscriber(Session.AUTO_ACKNOWLEDGE);
        publish(sender, "a");
        var second = subscriber(Session.AUTO_ACKNOWLEDGE);
        publish(sender, "b");

        assertThat(receive(first)).isEqualTo("a");
        assertThat(receive(first)).isEqualTo("b");
        assertThat(receive(second)).isEqualTo("b");
        assertNothing(first);
        assertNothing(second);
    }

    @Test
    void aSubscriberSeesADelayedMessageNotBeforeItsTimeAndOthersPassItBy() throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        var topic = session.createTopic("t");
        var subscriber = session.createConsumer(topic);
        var producer = session.createProducer(topic);
        producer.setDeliveryDelay(700);
        producer.send(session.createTextMessage("late"));
        producer.setDeliveryDelay(0);
        producer.send(session.createTextMessage("at once"));

        assertThat(receive(subscriber)).isEqualTo("at once");
        Message late = subscriber.receive(TestProvider.SOON_MS);

        assertThat(TestProvider.text(late)).isEqualTo("late");
        assertThat(late.getJMSDeliveryTime())
                .isEqualTo(late.getJMSTimestamp() + 700)
                .isLessThanOrEqualTo(System.currentTimeMillis());
    }

    @Test
    void aSubscriberWithNoLocalGetsNothingOfItsOwnConnection() throws JMSException {
        var connection = provider.started();
        var session = connection.createSession();
        var topic = session.createTopic("t");
        var others = session.createConsumer(topic, null, true);
        var all = session.createConsumer(topic);
        var classic = (TopicSubscriber) others;
        assertThat(classic.getNoLocal()).isTrue();
        assertThat(((TopicSubscriber) all).getNoLocal()).isFalse();
        var anonymous = session.createProducer(topic);
        anonymous.setDisableMessageID(true);

        publish(session, "own session");
        publish(connection.createSession(), "own connection");
        anonymous.send(session.createTextMessage("without an id"));
        publish(provider.session(Session.AUTO_ACKNOWLEDGE), "another connection");

        assertThat(receive(others)).isEqualTo("another connection");
        assertNothing(others);
        for (int i = 0; i < 4; i++) {
            assertThat(receive(all)).isNotNull();
        }
    }

    @Test
    void noLocalHasNoEffectOnAQueue() throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        var consumer = session.createConsumer(session.createQueue("q"), null, true);

        TestProvider.send(session, "q", "a");

        assertThat(receive(consumer)).isEqualTo("a");
    }

    @Test
    void whatIsSentWhileTheConnectionIsStoppedIsDeliveredWhenItStarts() throws JMSException {
        var connection = provider.connection();
        var session = connection.createSession();
        var subscriber = session.createConsumer(session.createTopic("t"));
        publish(provider.session(Session.AUTO_ACKNOWLEDGE), "a");

        assertNothing(subscriber);
        connection.start();

        assertThat(receive(subscriber)).isEqualTo("a");
    }

    @Test
    void oneSessionsMessagesArriveInOrder() throws JMSException {
        var subscriber = subscriber(Session.AUTO_ACKNOWLEDGE);
        var sender = provider.session(Session.AUTO_ACKNOWLEDGE);
        String[] texts = new String[200];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = "m" + i;
        }

        publish(sender, texts);

        for (String text : texts) {
            assertThat(receive(subscriber)).isEqualTo(text);
        }
    }

    @Test
    void recoverAndRollbackDeliverAgain() throws JMSException {
        var session = provider.session(Session.CLIENT_ACKNOWLEDGE);
        var subscriber = session.createConsumer(session.createTopic("t"));
        publish(provider.session(Session.AUTO_ACKNOWLEDGE), "a", "b");
        receive(subscriber);

        session.recover();

        Message again = subscriber.receive(SOON_MS);
        assertThat(TestProvider.text(again)).isEqualTo("a");
        assertThat(again.getJMSRedelivered()).isTrue();
        assertThat(again.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
        assertThat(receive(subscriber)).isEqualTo("b");
        again.acknowledge();
        session.recover();
        assertNothing(subscriber);
    }

    @Test
    void aListenerOfATopicAndOneOfAQueueShareASession() throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        List<String> got = new CopyOnWriteArrayList<>();
        session.createConsumer(session.createTopic("t")).setMessageListener(message -> got.add("topic"));
        session.createConsumer(session.createQueue("q")).setMessageListener(message -> got.add("queue"));

        var sender = provider.session(Session.AUTO_ACKNOWLEDGE);
        publish(sender, "a");
        TestProvider.send(sender, "q", "a");

        eventually("both", () -> got.size() == 2);
        assertThat(got).containsExactlyInAnyOrder("topic", "queue");
    }

    @Test
    void aSubscriptionThatCannotGoOnIsToldToItsReceiverAndNobodyElse() throws JMSException {
        var connection = provider.started();
        List<JMSException> told = new CopyOnWriteArrayList<>();
        connection.setExceptionListener(told::add);
        var session = connection.createSession();
        var subscriber = session.createConsumer(session.createTopic("t"));

        deleteTopic();

        assertThatThrownBy(() -> subscriber.receive(SOON_MS)).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> subscriber.receive(SOON_MS)).isInstanceOf(InvalidDestinationException.class);
        assertThat(told).isEmpty();
    }

    @Test
    void aSubscriptionWithAListenerTellsTheExceptionListenerOnce() throws JMSException {
        var connection = provider.started();
        List<JMSException> told = new CopyOnWriteArrayList<>();
        connection.setExceptionListener(told::add);
        var session = connection.createSession();
        List<String> heard = new CopyOnWriteArrayList<>();
        session.createConsumer(session.createTopic("t")).setMessageListener(message -> heard.add("t"));
        session.createConsumer(session.createTopic("other")).setMessageListener(message -> heard.add("other"));

        deleteTopic();
        eventually("the exception", () -> told.size() == 1);
        var sender = provider.session(Session.AUTO_ACKNOWLEDGE);
        sender.createProducer(sender.createTopic("other")).send(sender.createMessage());

        eventually("the other subscription's message", () -> heard.size() == 1);
        assertThat(told).singleElement().isInstanceOf(InvalidDestinationException.class);
    }

    @Test
    void anExceptionListenerMayCloseTheConnection() throws Exception {
        var connection = provider.started();
        var closed = new CountDownLatch(1);
        connection.setExceptionListener(failure -> {
            try {
                connection.close();
                closed.countDown();
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });
        for (int i = 0; i < 3; i++) {
            var session = connection.createSession();
            session.createConsumer(session.createTopic("t")).setMessageListener(message -> {});
        }

        deleteTopic();

        assertThat(closed.await(SOON_MS, TimeUnit.MILLISECONDS)).isTrue();
    }

    private void deleteTopic() {
        provider.links
                .lease(io.millrace.client.ClientConfiguration.of("in-memory:1").withClientId("millrace-jms"))
                .giveBack()
                .run();
        var client = provider.cluster.newClient();
        client.admin().delete("t").join();
        client.close();
    }

    @Test
    void foreignRecordsAreTextWhereTheDestinationSaysSo() throws Exception {
        provider.cluster.create("logs", DestinationKind.TOPIC, 1, Map.of("jms.foreign.body", "text"));
        provider.cluster.create("raw", DestinationKind.TOPIC, 1);
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        var logs = session.createConsumer(session.createTopic("logs"));
        var raw = session.createConsumer(session.createTopic("raw"));
        try (var client = provider.cluster.newClient();
                var producer = client.newProducer(ProducerConfiguration.defaults())) {
            for (String topic : List.of("logs", "raw")) {
                producer.send(ProducerRecord.of(topic, null, "line".getBytes(UTF_8)))
                        .join();
            }
        }

        assertThat(logs.receive(SOON_MS)).isInstanceOf(TextMessage.class);
        assertThat(raw.receive(SOON_MS)).isInstanceOf(BytesMessage.class);
    }

    @Test
    void aSubscriberFindsPartitionsThatAreAdded() throws JMSException {
        var subscriber = subscriber(Session.AUTO_ACKNOWLEDGE);

        provider.cluster.growTo("t", 3);
        sendTo(2, "added");

        var received = subscriber.receive(SOON_MS);
        assertThat(received).isInstanceOf(BytesMessage.class);
        assertThat(received.getBody(byte[].class)).asString().isEqualTo("added");
    }

    @Test
    void aSubscriberToATopicThatHasGrownGetsNothingOfBefore() throws JMSException {
        subscriber(Session.AUTO_ACKNOWLEDGE);
        provider.cluster.growTo("t", 3);
        sendTo(2, "before");

        var subscriber = subscriber(Session.AUTO_ACKNOWLEDGE);
        sendTo(2, "after");

        assertThat(subscriber.receive(SOON_MS).getBody(byte[].class)).asString().isEqualTo("after");
    }

    private void sendTo(int partition, String value) {
        try (var client = provider.cluster.newClient();
                var producer = client.newProducer(ProducerConfiguration.defaults())) {
            producer.send(new ProducerRecord("t", partition, null, null, value.getBytes(UTF_8), List.of()))
                    .join();
        }
    }

    private jakarta.jms.MessageConsumer subscriber(int mode) throws JMSException {
        var session = provider.session(mode);
        return session.createConsumer(session.createTopic("t"));
    }

    private static void publish(Session session, String... texts) throws JMSException {
        try (var producer = session.createProducer(session.createTopic("t"))) {
            for (String text : texts) {
                producer.send(session.createTextMessage(text));
            }
        }
    }
}
