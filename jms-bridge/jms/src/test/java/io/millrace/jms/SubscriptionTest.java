package io.millrace.jms;

import static io.millrace.jms.TestProvider.assertNothing;
import static io.millrace.jms.TestProvider.receive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import jakarta.jms.TopicSubscriber;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Durable and shared subscriptions, by the rules of chapter 8.3 of the specification. */
@Timeout(60)
class SubscriptionTest {
    private final TestProvider provider = new TestProvider(2);

    @AfterEach
    void nothingIsLeftBehind() throws JMSException {
        provider.close();
    }

    @Test
    void aDurableSubscriptionKeepsMessagesWhileItHasNoConsumer() throws JMSException {
        Session session = session("shop");
        Topic prices = session.createTopic("prices");
        TopicSubscriber first = session.createDurableSubscriber(prices, "audit");
        send(session, "a");
        assertThat(receive(first)).isEqualTo("a");
        first.close();
        send(session, "b", "c");

        MessageConsumer again = session.createDurableConsumer(prices, "audit");

        assertThat(Set.of(receive(again), receive(again))).containsExactlyInAnyOrder("b", "c");
        assertNothing(again);
    }

    @Test
    void itBelongsToAClientId() throws JMSException {
        Session session = session(null);
        Topic prices = session.createTopic("prices");

        assertThatThrownBy(() -> session.createDurableConsumer(prices, "audit"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("client id");
        assertThatThrownBy(() -> session.createDurableSubscriber(prices, "audit"))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void twoClientsHaveTheirOwnOfTheSameName() throws JMSException {
        Session shop = session("shop");
        Session depot = session("depot");
        MessageConsumer ofShop = shop.createDurableConsumer(shop.createTopic("prices"), "audit");
        MessageConsumer ofDepot = depot.createDurableConsumer(depot.createTopic("prices"), "audit");

        send(shop, "a");

        assertThat(receive(ofShop)).isEqualTo("a");
        assertThat(receive(ofDepot)).isEqualTo("a");
    }

    @Test
    void itHasOneConsumerAtATime() throws JMSException {
        Session session = session("shop");
        Topic prices = session.createTopic("prices");
        MessageConsumer first = session.createDurableConsumer(prices, "audit");

        assertThatThrownBy(() -> session.createDurableConsumer(prices, "audit"))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("another consumer");
        first.close();

        session.createDurableConsumer(prices, "audit").close();
    }

    @Test
    void aSharedAndAnUnsharedOneMayNotHaveOneName() throws JMSException {
        Session session = session("shop");
        Topic prices = session.createTopic("prices");
        session.createDurableConsumer(prices, "audit").close();
        session.createSharedDurableConsumer(prices, "workers").close();

        assertThatThrownBy(() -> session.createSharedDurableConsumer(prices, "audit"))
                .isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> session.createDurableConsumer(prices, "workers"))
                .isInstanceOf(JMSException.class);
        // One that is not durable is another one.
        session.createSharedConsumer(prices, "audit").close();
    }

    @Test
    void anotherTopicBeginsItAnewUnlessItHasAConsumer() throws JMSException {
        Session session = session("shop");
        Topic prices = session.createTopic("prices");
        Topic orders = session.createTopic("orders");
        MessageConsumer first = session.createDurableConsumer(prices, "audit");
        send(session, "lost");
        assertThatThrownBy(() -> session.createDurableConsumer(orders, "audit")).isInstanceOf(JMSException.class);
        first.close();

        MessageConsumer second = session.createDurableConsumer(orders, "audit");

        assertNothing(second);
        second.close();
        MessageConsumer third = session.createDurableConsumer(prices, "audit");
        assertNothing(third);
    }

    @Test
    void anotherSelectorKeepsWhatIsThereUnlessItHasAConsumer() throws JMSException {
        Session session = session("shop");
        Topic prices = session.createTopic("prices");
        MessageConsumer high = session.createDurableConsumer(prices, "audit", "price > 5", false);
        assertThat(high.getMessageSelector()).isEqualTo("price > 5");
        sendPrices(session, 1, 7, 3);
        assertThat(receive(high)).isEqualTo("7");
        assertThatThrownBy(() -> session.createDurableConsumer(prices, "audit", "price < 5", false))
                .isInstanceOf(JMSException.class);
        high.close();
        sendPrices(session, 4, 8);

        MessageConsumer low = session.createDurableConsumer(prices, "audit", "price < 5", false);

        assertThat(receive(low)).isEqualTo("3");
        assertThat(receive(low)).isEqualTo("4");
        sendPrices(session, 9, 2);
        assertThat(receive(low)).isEqualTo("2");
        assertNothing(low);
    }

    private static void sendPrices(Session session, int... prices) throws JMSException {
        try (var producer = session.createProducer(session.createTopic("prices"))) {
            for (int price : prices) {
                TextMessage message = session.createTextMessage(Integer.toString(price));
                message.setIntProperty("price", price);
                producer.send(message);
            }
        }
    }

    @Test
    void consumersOfASharedDurableOneShareItsMessagesWithoutAClientId() throws JMSException {
        Session sending = session(null);
        Session other = session(null);
        Topic prices = sending.createTopic("prices");
        MessageConsumer first = sending.createSharedDurableConsumer(prices, "workers");
        MessageConsumer second = other.createSharedDurableConsumer(other.createTopic("prices"), "workers");
        String[] texts = {"a", "b", "c", "d", "e", "f"};
        send(sending, texts);

        var seen = new HashSet<String>();
        while (seen.size() < texts.length) {
            for (MessageConsumer consumer : List.of(first, second)) {
                TextMessage message = (TextMessage) consumer.receive(TestProvider.NOT_MS);
                if (message != null) {
                    assertThat(seen.add(message.getText())).isTrue();
                }
            }
        }

        assertNothing(first);
        first.close();
        second.close();
        send(sending, "later");
        assertThat(receive(sending.createSharedDurableConsumer(prices, "workers")))
                .isEqualTo("later");
    }

    @Test
    void aSharedOneThatIsNotDurableLastsAsLongAsItHasConsumers() throws JMSException {
        Session session = session(null);
        Session other = session(null);
        Topic prices = session.createTopic("prices");
        MessageConsumer first = session.createSharedConsumer(prices, "workers");
        MessageConsumer second = other.createSharedConsumer(prices, "workers");
        first.close();
        send(session, "a");
        assertThat(receive(second)).isEqualTo("a");
        second.close();
        send(session, "nobody's");

        MessageConsumer third = session.createSharedConsumer(prices, "workers");

        assertNothing(third);
    }

    @Test
    void unsubscribingEndsIt() throws JMSException {
        Session session = session("shop");
        Topic prices = session.createTopic("prices");
        MessageConsumer consumer = session.createDurableConsumer(prices, "audit");

        assertThatThrownBy(() -> session.unsubscribe("audit")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> session.unsubscribe("nothing")).isInstanceOf(InvalidDestinationException.class);
        consumer.close();
        send(session, "lost");
        session.unsubscribe("audit");

        assertThatThrownBy(() -> session.unsubscribe("audit")).isInstanceOf(InvalidDestinationException.class);
        assertNothing(session.createDurableConsumer(prices, "audit"));
    }

    @Test
    void aMessageInAnOpenTransactionKeepsItsSubscription() throws JMSException {
        Session sending = session("shop");
        Session session = transacted();
        Topic prices = session.createTopic("prices");
        MessageConsumer consumer = session.createSharedDurableConsumer(prices, "workers");
        send(sending, "a");
        assertThat(receive(consumer)).isEqualTo("a");
        consumer.close();

        assertThatThrownBy(() -> session.unsubscribe("workers")).isInstanceOf(IllegalStateException.class);
        session.commit();
        session.unsubscribe("workers");
    }

    @Test
    void aMessageThatIsRolledBackComesAgainToTheNextConsumer() throws JMSException {
        Session sending = session("shop");
        Session session = transacted();
        MessageConsumer consumer = session.createSharedDurableConsumer(session.createTopic("prices"), "workers");
        send(sending, "a");
        assertThat(receive(consumer)).isEqualTo("a");
        session.rollback();
        consumer.close();

        MessageConsumer back = transacted().createSharedDurableConsumer(session.createTopic("prices"), "workers");
        TextMessage redelivered = (TextMessage) back.receive(TestProvider.SOON_MS);
        assertThat(redelivered.getText()).isEqualTo("a");
        assertThat(redelivered.getJMSRedelivered()).isTrue();
    }

    @Test
    void namesAndTopicsMustBeThere() throws JMSException {
        Session session = session("shop");
        Topic prices = session.createTopic("prices");

        assertThatThrownBy(() -> session.createDurableConsumer(null, "audit"))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createDurableConsumer(prices, "")).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> session.createSharedConsumer(prices, null)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> session.createDurableConsumer(prices, "audit", "price >", false))
                .isInstanceOf(InvalidSelectorException.class);
    }

    @Test
    void theSimplifiedApiDoesTheSame() {
        try (JMSContext context = provider.factory("?clientId=shop").createContext();
                JMSContext nobody = provider.factory().createContext()) {
            Topic prices = context.createTopic("prices");
            JMSConsumer durable = context.createDurableConsumer(prices, "audit");
            JMSConsumer sharedDurable = context.createSharedDurableConsumer(prices, "workers");
            JMSConsumer shared = nobody.createSharedConsumer(prices, "visitors");
            context.createProducer().send(prices, "a");

            for (JMSConsumer consumer : List.of(durable, sharedDurable, shared)) {
                assertThat(consumer.receiveBody(String.class, TestProvider.SOON_MS))
                        .isEqualTo("a");
            }
            assertThatThrownBy(() -> nobody.createDurableConsumer(prices, "audit"))
                    .isInstanceOf(IllegalStateRuntimeException.class);
            assertThatThrownBy(() -> context.unsubscribe("audit")).isInstanceOf(IllegalStateRuntimeException.class);
            assertThatThrownBy(() -> context.unsubscribe("nothing"))
                    .isInstanceOf(InvalidDestinationRuntimeException.class);
            durable.close();
            context.unsubscribe("audit");
        }
    }

    @Test
    void aDurableSubscriptionWithNoLocalHasNothingOfItsClientIdNowOrLater() throws JMSException {
        try (Connection first = provider.factory().createConnection()) {
            first.setClientID("shop");
            first.start();
            Session session = first.createSession();
            session.createDurableSubscriber(session.createTopic("prices"), "audit", null, true)
                    .close();
            send(session, "own, of a connection that has ended");
        }
        Session shop = session("shop");
        Session depot = session("depot");
        Session nobody = session(null);

        TopicSubscriber audit = shop.createDurableSubscriber(shop.createTopic("prices"), "audit", null, true);
        send(shop, "own");
        send(depot, "of the depot");
        send(nobody, "of nobody");

        assertThat(Set.of(receive(audit), receive(audit))).containsExactlyInAnyOrder("of the depot", "of nobody");
        assertNothing(audit);
        assertThat(audit.getNoLocal()).isTrue();
    }

    @Test
    void anotherSubscriptionOfTheSameClientHasWhatNoLocalLeavesOut() throws JMSException {
        Session shop = session("shop");
        Topic prices = shop.createTopic("prices");
        MessageConsumer others = shop.createDurableConsumer(prices, "others", null, true);
        MessageConsumer all = shop.createDurableConsumer(prices, "all", null, false);

        send(shop, "own");

        assertThat(receive(all)).isEqualTo("own");
        assertNothing(others);
    }

    private Session session(String clientId) throws JMSException {
        Connection connection = provider.connection();
        if (clientId != null) {
            connection.setClientID(clientId);
        }
        connection.start();
        return connection.createSession(Session.AUTO_ACKNOWLEDGE);
    }

    private Session transacted() throws JMSException {
        return provider.started().createSession(Session.SESSION_TRANSACTED);
    }

    private static void send(Session session, String... texts) throws JMSException {
        try (var producer = session.createProducer(session.createTopic("prices"))) {
            for (String text : texts) {
                producer.send(session.createTextMessage(text));
            }
        }
    }
}
