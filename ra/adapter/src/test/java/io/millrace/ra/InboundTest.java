package io.millrace.ra;

import static io.millrace.ra.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.DestinationKind;
import io.millrace.client.QueueConsumerConfiguration;
import io.millrace.ra.FakeContainer.Bean;
import io.millrace.ra.FakeContainer.Endpoint;
import io.millrace.ra.configuration.SharedClients;
import io.millrace.ra.inbound.MillraceActivationSpec;
import io.millrace.record.RecordHeader;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.InvalidPropertyException;
import java.io.ByteArrayOutputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class InboundTest {
    private final FakeCluster cluster = new FakeCluster();
    private final FakeContainer container = new FakeContainer();
    private final SharedClients clients = new SharedClients(cluster::open);
    private final MillraceResourceAdapter adapter = new MillraceResourceAdapter(clients);
    private final Queue<String> seen = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void start() throws ResourceException {
        adapter.start(container);
    }

    @AfterEach
    void stop() {
        adapter.stop();
        assertThat(cluster.openClients()).as("clients left open").isZero();
        assertThat(ourThreads()).as("threads left behind").isEmpty();
    }

    @Test
    void aMessageIsAcknowledgedWhenItsBeanHasReturned() throws ResourceException {
        cluster.put("orders", "a", "b");

        activate(container.plainBean(this::see), queue("orders"));

        eventually("both accepted", () -> cluster.accepted("orders").size() == 2);
        assertThat(seen).containsExactlyInAnyOrder("a 1 false", "b 1 false");
        assertThat(cluster.released("orders")).isZero();
    }

    @Test
    void anObjectIsReadWhereTheAdapterPermitsItsClass() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(new ArrayList<>(List.of("a")));
        }
        List<RecordHeader> mark =
                List.of(new RecordHeader("JMS_Millrace_Body", "object".getBytes(StandardCharsets.UTF_8)));
        cluster.put("refused", bytes.toByteArray(), mark);
        cluster.put("read", bytes.toByteArray(), mark);

        activate(container.plainBean(this::seeObject), queue("refused"));
        adapter.setObjectAllowList("java.util.ArrayList");
        activate(container.plainBean(this::seeObject), queue("read"));

        eventually("both seen", () -> seen.size() == 2);
        assertThat(seen)
                .anyMatch("[a]"::equals)
                .anyMatch(text -> text.contains("java.util.ArrayList is not permitted"));
    }

    private void seeObject(Message message) throws JMSException {
        try {
            seen.add(message.getBody(Object.class).toString());
        } catch (MessageFormatException e) {
            seen.add(e.getMessage());
        }
    }

    @Test
    void aMessageWhoseBeanThrowsComesBackWithItsCount() throws ResourceException {
        cluster.put("orders", "a");
        AtomicInteger deliveries = new AtomicInteger();
        Bean bean = message -> {
            see(message);
            if (deliveries.incrementAndGet() < 3) {
                throw new IllegalStateException("not yet");
            }
        };

        activate(container.plainBean(bean), queue("orders"));

        eventually("accepted", () -> cluster.accepted("orders").size() == 1);
        assertThat(seen).containsExactly("a 1 false", "a 2 true", "a 3 true");
        assertThat(cluster.released("orders")).isEqualTo(2);
    }

    @Test
    void aMessageOfATransactionThatCommittedIsAcknowledged() throws ResourceException {
        cluster.put("orders", "a");

        activate(container.transactedBean(this::see), queue("orders"));

        eventually("accepted", () -> cluster.accepted("orders").size() == 1);
        assertThat(seen).containsExactly("a 1 false");
    }

    @Test
    void aMessageOfATransactionThatWasOnlyMarkedForRollbackComesBack() throws ResourceException {
        cluster.put("orders", "a");
        AtomicInteger deliveries = new AtomicInteger();
        Bean bean = message -> {
            see(message);
            if (deliveries.incrementAndGet() == 1) {
                container.setRollbackOnly();
            }
        };

        activate(container.transactedBean(bean), queue("orders"));

        eventually("accepted", () -> cluster.accepted("orders").size() == 1);
        assertThat(seen).containsExactly("a 1 false", "a 2 true");
    }

    @Test
    void afterABeanThrewItsThreadHasNoTransactionLeft() throws ResourceException {
        cluster.put("orders", "a", "b", "c");
        AtomicInteger deliveries = new AtomicInteger();
        Bean bean = message -> {
            if (deliveries.incrementAndGet() == 1) {
                throw new IllegalStateException("once");
            }
        };
        MillraceActivationSpec spec = queue("orders");
        spec.setMaxSessions(1);

        Endpoint endpoint = activate(container.transactedBean(bean), spec);

        eventually("all accepted", () -> cluster.accepted("orders").size() == 3);
        assertThat(deliveries).hasValue(4);
        eventually("all released", () -> endpoint.released.get() == 4);
    }

    @Test
    void aMessageWaitsForAnEndpointAndIsNotDropped() throws ResourceException {
        cluster.put("orders", "a");
        Endpoint endpoint = container.plainBean(this::see);
        endpoint.unavailable = true;
        activate(endpoint, queue("orders"));
        eventually("asked again and again", () -> endpoint.created.get() > 3);
        assertThat(seen).isEmpty();

        endpoint.unavailable = false;

        eventually("accepted", () -> cluster.accepted("orders").size() == 1);
        assertThat(seen).containsExactly("a 1 false");
    }

    @Test
    void aMessageThatNeverGotAnEndpointIsGivenBackAtTheEnd() throws ResourceException {
        cluster.put("orders", "a");
        Endpoint endpoint = container.plainBean(this::see);
        endpoint.unavailable = true;
        MillraceActivationSpec spec = queue("orders");
        activate(endpoint, spec);
        eventually("asked", () -> endpoint.created.get() > 0);

        adapter.endpointDeactivation(endpoint, spec);

        assertThat(cluster.available("orders")).isEqualTo(1);
        assertThat(cluster.accepted("orders")).isEmpty();
    }

    @Test
    void deliveryGoesOnWhenTheClusterComesBack() throws ResourceException {
        cluster.put("orders", "a");
        activate(container.plainBean(this::see), queue("orders"));
        eventually("accepted", () -> cluster.accepted("orders").size() == 1);

        cluster.goDown();
        cluster.breakConsumers();
        cluster.put("orders", "b");
        eventually("consumers closed", () -> cluster.openQueueConsumers() == 0);
        cluster.comeBack();

        eventually("accepted", () -> cluster.accepted("orders").contains("b"));
    }

    @Test
    void aBeanMayBeDeployedBeforeItsCluster() throws ResourceException {
        cluster.goDown();

        activate(container.plainBean(this::see), queue("orders"));
        cluster.comeBack();

        eventually("destination made", () -> cluster.exists("orders"));
        cluster.put("orders", "a");
        eventually("accepted", () -> cluster.accepted("orders").size() == 1);
    }

    @Test
    void aDestinationIsNotMadeWhereThatIsForbidden() throws ResourceException {
        MillraceActivationSpec spec = queue("orders");
        spec.setCreateDestination(false);

        activate(container.plainBean(this::see), spec);
        cluster.put("orders", "a");

        eventually("accepted", () -> cluster.accepted("orders").size() == 1);
        assertThat(cluster.ensureCalls()).isZero();
    }

    @Test
    void whatIsBeingDeliveredFinishesBeforeTheActivationEnds() throws Exception {
        cluster.put("orders", "a", "b");
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch mayReturn = new CountDownLatch(1);
        MillraceActivationSpec spec = queue("orders");
        spec.setMaxSessions(1);
        Endpoint endpoint = activate(
                container.plainBean(message -> {
                    inside.countDown();
                    assertThat(mayReturn.await(10, TimeUnit.SECONDS)).isTrue();
                    see(message);
                }),
                spec);
        assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();

        Thread deactivation = new Thread(() -> adapter.endpointDeactivation(endpoint, spec));
        deactivation.start();
        eventually("deactivation waits", () -> deactivation.getState() == Thread.State.TIMED_WAITING);
        mayReturn.countDown();
        deactivation.join(10_000);

        assertThat(seen).containsExactly("a 1 false");
        assertThat(cluster.accepted("orders")).containsExactly("a");
        assertThat(cluster.available("orders")).isEqualTo(1);
        assertThat(ourThreads()).isEmpty();
    }

    @Test
    void asManyMessagesAsThereMayBeSessionsAreDeliveredAtATimeAndNoMore() throws Exception {
        cluster.put("orders", "a", "b", "c", "d", "e", "f");
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger peak = new AtomicInteger();
        CountDownLatch mayReturn = new CountDownLatch(1);
        MillraceActivationSpec spec = queue("orders");
        spec.setMaxSessions(3);

        activate(
                container.plainBean(message -> {
                    peak.accumulateAndGet(inside.incrementAndGet(), Math::max);
                    assertThat(mayReturn.await(10, TimeUnit.SECONDS)).isTrue();
                    inside.decrementAndGet();
                }),
                spec);
        eventually("three inside", () -> inside.get() == 3);
        // Each thread of a session is inside a bean: nobody is there to take a fourth message.
        assertThat(sessionThreads()).hasSize(3);
        assertThat(cluster.available("orders")).isEqualTo(3);
        mayReturn.countDown();

        eventually("accepted", () -> cluster.accepted("orders").size() == 6);
        assertThat(peak).hasValue(3);
    }

    @Test
    void aQueueIsReadAheadAsFarAsTheActivationSays() throws ResourceException {
        MillraceActivationSpec spec = queue("orders");
        spec.setPrefetch(7);

        activate(container.plainBean(this::see), spec);

        eventually("consuming", () -> cluster.openQueueConsumers() == 1);
        assertThat(cluster.configurationsOfConsumers("orders"))
                .extracting(QueueConsumerConfiguration::prefetch)
                .containsExactly(7);
    }

    @Test
    void aPrefetchThatATopicDoesNotHeedIsTold() throws ResourceException {
        MillraceActivationSpec spec = topic("prices");
        spec.setPrefetch(7);

        List<String> told = logged(() -> activate(container.plainBean(this::see), spec));

        assertThat(told).anyMatch(line -> line.contains("prefetch is '7'") && line.contains("Topic prices"));
        assertThat(logged(() -> activate(container.plainBean(this::see), topic("prices"))))
                .noneMatch(line -> line.contains("prefetch"));
    }

    @Test
    void anAcknowledgementThatIsLostDoesNotStopDelivery() throws Exception {
        cluster.put("orders", "a");
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch mayReturn = new CountDownLatch(1);
        activate(
                container.plainBean(message -> {
                    see(message);
                    inside.countDown();
                    assertThat(mayReturn.await(10, TimeUnit.SECONDS)).isTrue();
                }),
                queue("orders"));
        assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();

        cluster.goDown();
        mayReturn.countDown();
        cluster.comeBack();

        eventually(
                "accepted at the second delivery",
                () -> cluster.accepted("orders").size() == 1);
        assertThat(seen).containsExactly("a 1 false", "a 2 true");
    }

    @Test
    void aSubscriberGetsWhatIsPublishedAfterItBegan() throws ResourceException {
        cluster.create("prices", DestinationKind.TOPIC, 3);
        cluster.publish("prices", 0, "before");
        activate(container.plainBean(this::see), topic("prices"));
        activate(container.plainBean(this::see), topic("prices"));
        eventually("both subscribed", () -> ourThreads().size() == 2 * (1 + 3));

        cluster.publish("prices", 0, "a");
        cluster.publish("prices", 2, "b");

        eventually("each got each", () -> seen.size() == 4);
        assertThat(seen).containsExactlyInAnyOrder("a 1 false", "a 1 false", "b 1 false", "b 1 false");
    }

    @Test
    void aSubscriberGetsNothingOfATransactionThatWasAborted() throws ResourceException {
        cluster.create("prices", DestinationKind.TOPIC, 1);
        activate(container.plainBean(this::see), topic("prices"));
        eventually("subscribed", () -> ourThreads().size() == 2);

        cluster.publishAborted("prices", 0, "never");
        cluster.publish("prices", 0, "a");

        eventually("delivered", () -> seen.contains("a 1 false"));
        assertThat(seen).containsExactly("a 1 false");
    }

    @Test
    void aTopicsMessageIsDeliveredAgainInItsPlace() throws ResourceException {
        cluster.create("prices", DestinationKind.TOPIC, 1);
        AtomicInteger deliveries = new AtomicInteger();
        activate(
                container.transactedBean(message -> {
                    see(message);
                    if (deliveries.incrementAndGet() == 1) {
                        container.setRollbackOnly();
                    }
                }),
                topic("prices"));
        eventually("subscribed", () -> ourThreads().size() == 2);

        cluster.publish("prices", 0, "a");
        cluster.publish("prices", 0, "b");

        eventually("all delivered", () -> seen.size() == 3);
        assertThat(seen).containsExactly("a 1 false", "a 2 true", "b 1 false");
    }

    @Test
    void aTopicThatIsMadeAnewIsReadFromItsBeginning() throws ResourceException {
        cluster.create("prices", DestinationKind.TOPIC, 1);
        activate(container.plainBean(this::see), topic("prices"));
        eventually("subscribed", () -> ourThreads().size() == 2);

        cluster.delete("prices");
        cluster.create("prices", DestinationKind.TOPIC, 1);
        cluster.publish("prices", 0, "a");

        eventually("delivered", () -> seen.size() == 1);
    }

    @Test
    void whatIsWrongIsRefusedWithPropertyValueAndWhatIsRight() {
        MillraceActivationSpec spec = queue("java:/jms/queue/In");
        spec.setDestinationType("javax.jms.Queue");
        spec.setMessageSelector("color =");
        spec.setSubscriptionDurability("Durable");
        spec.setMaxSessions(0);

        assertThatThrownBy(() -> activate(container.plainBean(this::see), spec))
                .isInstanceOf(InvalidPropertyException.class)
                .hasMessageContaining("activation property destination is 'java:/jms/queue/In'")
                .hasMessageContaining("destinationLookup")
                .hasMessageContaining("'javax.jms.Queue': it must be jakarta.jms.Queue or jakarta.jms.Topic")
                .hasMessageContaining("messageSelector is 'color =': The selector is wrong at character ")
                .hasMessageContaining("subscriptionDurability is 'Durable'")
                .hasMessageContaining("maxSessions is '0': it must be between 1 and 1000")
                .extracting(failure -> ((InvalidPropertyException) failure).getInvalidPropertyDescriptors().length)
                .isEqualTo(5);
    }

    @Test
    void theSelectorOfAnActivationIsTheQueuesToHeed() throws ResourceException {
        cluster.create("In", DestinationKind.QUEUE, 1);
        MillraceActivationSpec spec = queue("In");
        spec.setMessageSelector("color = 'red'");

        activate(container.plainBean(this::see), spec);

        eventually("consuming", () -> cluster.openQueueConsumers() == 1);
        assertThat(cluster.configurationsOfConsumers("In"))
                .extracting(QueueConsumerConfiguration::selector)
                .containsExactly("color = 'red'");
    }

    @Test
    void aSelectorOnATopicIsRefused() {
        MillraceActivationSpec spec = topic("prices");
        spec.setMessageSelector("color = 'red'");

        assertThatThrownBy(() -> activate(container.plainBean(this::see), spec))
                .isInstanceOf(InvalidPropertyException.class)
                .hasMessageContaining("messageSelector is 'color = 'red'': it is not supported on topics yet");
    }

    @Test
    void aLookupThatLeadsNowhereFailsTheDeployment() {
        MillraceActivationSpec spec = new MillraceActivationSpec();
        spec.setDestinationLookup("java:global/jms/Nowhere");

        assertThatThrownBy(() -> activate(container.plainBean(this::see), spec))
                .isInstanceOf(ResourceException.class)
                .hasMessageContaining("destinationLookup 'java:global/jms/Nowhere' leads nowhere");
    }

    private Endpoint activate(Endpoint endpoint, MillraceActivationSpec spec) throws ResourceException {
        adapter.endpointActivation(endpoint, spec);
        return endpoint;
    }

    private static MillraceActivationSpec queue(String name) {
        MillraceActivationSpec spec = new MillraceActivationSpec();
        spec.setDestination(name);
        spec.setDestinationType("jakarta.jms.Queue");
        return spec;
    }

    private static MillraceActivationSpec topic(String name) {
        MillraceActivationSpec spec = queue(name);
        spec.setDestinationType("jakarta.jms.Topic");
        return spec;
    }

    private interface Action {
        void run() throws ResourceException;
    }

    /** What the activations log, from INFO on, while this runs. */
    private static List<String> logged(Action action) throws ResourceException {
        Queue<String> lines = new ConcurrentLinkedQueue<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord line) {
                lines.add(line.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger("io.millrace.ra.inbound");
        logger.addHandler(handler);
        try {
            action.run();
        } finally {
            logger.removeHandler(handler);
        }
        return List.copyOf(lines);
    }

    private void see(Message message) throws JMSException {
        byte[] body = message.getBody(byte[].class);
        assertThat(message).isInstanceOf(BytesMessage.class);
        seen.add(new String(body, StandardCharsets.UTF_8) + " " + message.getIntProperty("JMSXDeliveryCount") + " "
                + message.getJMSRedelivered());
    }

    private static List<String> sessionThreads() {
        return ourThreads().stream()
                .filter(name -> !name.endsWith("-supervisor"))
                .toList();
    }

    private static List<String> ourThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("millrace-"))
                .toList();
    }
}
