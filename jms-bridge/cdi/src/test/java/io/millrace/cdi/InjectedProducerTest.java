package io.millrace.cdi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.ConsumerRecord;
import io.millrace.jms.MillraceTopic;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.context.SessionScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.se.SeContainer;
import jakarta.enterprise.inject.se.SeContainerInitializer;
import jakarta.inject.Inject;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.TextMessage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class InjectedProducerTest {
    private final TestConnectionFactory factory = new TestConnectionFactory();

    public record Order(String customer, int amount) {}

    @Dependent
    static class Shop {
        @Inject
        @Destination("texts")
        Producer<String> texts;

        @Inject
        @Destination("bytes")
        Producer<byte[]> bytes;

        @Inject
        @Destination("orders")
        Producer<Order> orders;

        @Inject
        @Destination("lists")
        Producer<List<Order>> lists;

        @Inject
        @Destination("anything")
        Producer<Object> anything;

        @Inject
        @Destination(value = "prices", kind = Destination.Kind.TOPIC)
        Producer<String> prices;

        @Inject
        @Destination("java:/jms/topic/bound")
        Producer<String> bound;

        @Inject
        @Destination(value = "texts", connectionFactory = "java:/other")
        Producer<String> elsewhere;

        @Inject
        @Destination("texts")
        Instance<Producer<String>> later;
    }

    @SessionScoped
    static class Basket implements Serializable {
        private static final long serialVersionUID = 1;

        @Inject
        @Destination("orders")
        Producer<Order> orders;
    }

    @BeforeEach
    void bind() {
        TestNaming.BOUND.put("jms/Millrace", factory);
    }

    @AfterEach
    void unbind() {
        TestNaming.BOUND.clear();
        factory.close();
        assertThat(factory.cluster.openCount()).isZero();
    }

    @Test
    void textBytesAndObjectsTravelAsTheyShould() {
        withShop(shop -> {
            shop.texts.send("Gr\u00fc\u00dfe");
            shop.bytes.send(new byte[] {1, 2});
            shop.orders.send(new Order("ann", 3));
            shop.lists.send(List.of(new Order("bob", 1)));
            shop.anything.send("plain");
            shop.anything.send(Map.of("a", 1));
        });

        assertThat(values("texts")).containsExactly("Gr\u00fc\u00dfe");
        assertThat(factory.cluster.records("bytes").get(0).value()).isEqualTo(new byte[] {1, 2});
        assertThat(values("orders")).containsExactly("{\"amount\":3,\"customer\":\"ann\"}");
        assertThat(values("lists")).containsExactly("[{\"amount\":1,\"customer\":\"bob\"}]");
        assertThat(values("anything")).containsExactly("plain", "{\"a\":1}");
    }

    @Test
    void optionsBecomeHeaders() {
        withShop(shop -> shop.texts.send(
                "a",
                SendOptions.none()
                        .key("ann")
                        .property("size", 7)
                        .priority(9)
                        .type("greeting")
                        .correlationId("c1")
                        .timeToLive(Duration.ofMinutes(1))
                        .nonPersistent()));

        ConsumerRecord record = factory.cluster.records("texts").get(0);
        assertThat(record.key()).isEqualTo("ann".getBytes(UTF_8));
        assertThat(record.headers().stream().map(header -> header.key() + "=" + new String(header.value(), UTF_8)))
                .contains(
                        "size=7",
                        "JMSPriority=9",
                        "JMSType=greeting",
                        "JMSCorrelationID=c1",
                        "JMSDeliveryMode=NON_PERSISTENT")
                .anyMatch(header -> header.startsWith("JMSExpiration="));
    }

    @Test
    void destinationsAreQueuesTopicsOrBoundObjects() {
        TestNaming.BOUND.put("java:/jms/topic/bound", new MillraceTopic("bound-topic"));

        withShop(shop -> {
            shop.prices.send("1");
            shop.bound.send("2");
            shop.later.get().send("3");
        });

        assertThat(values("prices")).containsExactly("1");
        assertThat(values("bound-topic")).containsExactly("2");
        assertThat(values("texts")).containsExactly("3");
    }

    @Test
    void theFirstBoundConnectionFactoryIsUsed() {
        try (var preferred = new TestConnectionFactory()) {
            TestNaming.BOUND.put("java:/jms/Millrace", preferred);

            withShop(shop -> shop.texts.send("a"));

            assertThat(preferred.cluster.records("texts")).hasSize(1);
            assertThat(factory.cluster.exists("texts")).isFalse();
        }
    }

    @Test
    void whatIsNotBoundIsNamedInTheError() {
        withShop(shop -> {
            assertThatThrownBy(() -> shop.elsewhere.send("a"))
                    .isInstanceOf(JMSRuntimeException.class)
                    .hasMessageContaining("java:/other");
            assertThatThrownBy(() -> shop.bound.send("a"))
                    .isInstanceOf(InvalidDestinationRuntimeException.class)
                    .hasMessageContaining("java:/jms/topic/bound");
            TestNaming.BOUND.put("jms/Millrace", "no factory");
            assertThatThrownBy(() -> shop.texts.send("a"))
                    .isInstanceOf(JMSRuntimeException.class)
                    .hasMessageContaining("java.lang.String");
            TestNaming.BOUND.clear();
            assertThatThrownBy(() -> shop.texts.send("a"))
                    .isInstanceOf(JMSRuntimeException.class)
                    .hasMessageContaining(
                            "java:/jms/Millrace or jms/Millrace or java:comp/DefaultJMSConnectionFactory");
        });
    }

    @Test
    void aPayloadThatIsNullOrNoJsonIsRefused() {
        withShop(shop -> {
            assertThatThrownBy(() -> shop.texts.send(null))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("null");
            assertThatThrownBy(() -> shop.anything.send(new Failing()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("Failing");
        });
    }

    public static final class Failing {
        public String getName() {
            throw new UnsupportedOperationException("no name");
        }
    }

    @Test
    void aProducerIsSerializableWithItsBean() throws Exception {
        try (SeContainer container = start(Basket.class)) {
            var producer = new DestinationProducer<Order>(
                    new InjectedDestination("orders", Destination.Kind.QUEUE, ""), Order.class);
            var bytes = new ByteArrayOutputStream();
            new ObjectOutputStream(bytes).writeObject(producer);

            Producer<?> copy =
                    (Producer<?>) new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();
            sendUnchecked(copy, new Order("ann", 3));

            assertThat(container.isRunning()).isTrue();
        }
        assertThat(values("orders")).containsExactly("{\"amount\":3,\"customer\":\"ann\"}");
    }

    @SuppressWarnings("unchecked") // the test knows what it has written
    private static void sendUnchecked(Producer<?> producer, Order order) {
        ((Producer<Order>) producer).send(order);
    }

    @Dependent
    static class Raw {
        @Inject
        @Destination("a")
        @SuppressWarnings("rawtypes") // the mistake under test
        Producer raw;
    }

    @Dependent
    static class NoProducer {
        @Inject
        @Destination("a")
        String text;
    }

    @Dependent
    static class BadName {
        @Inject
        @Destination("no name")
        Producer<String> bad;
    }

    @Dependent
    static class OfMessages {
        @Inject
        @Destination("a")
        Producer<TextMessage> messages;
    }

    @Dependent
    static class OfWildcard {
        @Inject
        @Destination("a")
        Producer<?> anything;
    }

    @Test
    void mistakesAreFoundAtDeployment() {
        assertThatThrownBy(() -> start(Raw.class)).hasMessageContaining("Producer<String>");
        assertThatThrownBy(() -> start(NoProducer.class)).hasMessageContaining("stands at a java.lang.String");
        assertThatThrownBy(() -> start(BadName.class)).hasMessageContaining("\"no name\"");
        assertThatThrownBy(() -> start(OfMessages.class)).hasMessageContaining("inject a JMSContext");
        assertThatThrownBy(() -> start(OfWildcard.class)).hasMessageContaining("it must be a type");
    }

    private static SeContainer start(Class<?>... beans) {
        return SeContainerInitializer.newInstance()
                .disableDiscovery()
                .addBeanClasses(Producers.class)
                .addExtensions(new DestinationExtension())
                .addBeanClasses(beans)
                .initialize();
    }

    @FunctionalInterface
    private interface Use {
        void of(Shop shop);
    }

    private void withShop(Use use) {
        try (SeContainer container = start(Shop.class)) {
            use.of(container.select(Shop.class).get());
        }
    }

    private List<String> values(String destination) {
        return factory.cluster.records(destination).stream()
                .map(record -> new String(record.value(), UTF_8))
                .toList();
    }
}
