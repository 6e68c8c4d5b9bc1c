package io.millrace.jms;

import static io.millrace.jms.TestProvider.receive;
import static io.millrace.jms.TestProvider.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.DestinationKind;
import io.millrace.client.ProducerConfiguration;
import io.millrace.client.ProducerRecord;
import io.millrace.record.RecordHeader;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.InvalidSelectorRuntimeException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Chapter 8.7: looking at a queue's messages without taking them. */
class QueueBrowserTest {
    private final TestProvider provider = new TestProvider();

    @AfterEach
    void closeProvider() throws JMSException {
        provider.close();
    }

    @Test
    void aBrowserShowsWhatIsOnTheQueueInOrderAndLeavesItThere() throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        send(session, "q", "a", "b", "c");
        var browser = session.createBrowser(session.createQueue("q"));

        assertThat(texts(browser)).containsExactly("a", "b", "c");
        assertThat(texts(browser)).containsExactly("a", "b", "c");

        assertThat(provider.cluster.acquiredCount("q")).isZero();
        var consumer = session.createConsumer(session.createQueue("q"));
        assertThat(receive(consumer)).isEqualTo("a");
        assertThat(browser.getQueue().getQueueName()).isEqualTo("q");
        assertThat(browser.getMessageSelector()).isNull();
    }

    @Test
    void whatAConsumerHasAcquiredIsStillThereAndWhatItHasAcknowledgedIsNot() throws JMSException {
        var session = provider.session(Session.CLIENT_ACKNOWLEDGE);
        send(session, "q", "a", "b", "c");
        var consumer = session.createConsumer(session.createQueue("q"));
        Message first = consumer.receive(TestProvider.SOON_MS);
        var browser = session.createBrowser(session.createQueue("q"));
        assertThat(texts(browser)).containsExactly("a", "b", "c");

        first.acknowledge();

        assertThat(texts(browser)).containsExactly("b", "c");
    }

    @Test
    void whatTheSessionHasReceivedAndAcknowledgesByItselfIsNotShownToIt() throws JMSException {
        for (int mode : new int[] {Session.AUTO_ACKNOWLEDGE, Session.DUPS_OK_ACKNOWLEDGE}) {
            var session = provider.session(mode);
            var queue = session.createQueue("q" + mode);
            send(session, "q" + mode, "a", "b");
            var consumer = session.createConsumer(queue);
            var browser = session.createBrowser(queue);
            assertThat(receive(consumer)).isEqualTo("a");

            assertThat(texts(browser)).containsExactly("b");
        }
    }

    @Test
    void aPassEndsWhereTheQueueEndedWhenItBegan() throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        send(session, "q", "a", "b");
        var browser = session.createBrowser(session.createQueue("q"));

        var pass = browser.getEnumeration();
        send(session, "q", "c");

        assertThat(texts(pass)).containsExactly("a", "b");
        assertThat(texts(browser)).containsExactly("a", "b", "c");
    }

    @Test
    void allPartitionsAreShownEachInItsOrder() throws JMSException {
        provider.cluster.create("q", DestinationKind.QUEUE, 3);
        for (int partition = 2; partition >= 0; partition--) {
            foreign("q", partition, List.of(), partition + "a");
            foreign("q", partition, List.of(), partition + "b");
        }
        var session = provider.opened(provider.factory("?foreignBody=text").createConnection())
                .createSession();

        assertThat(texts(session.createBrowser(session.createQueue("q"))))
                .containsExactly("0a", "0b", "1a", "1b", "2a", "2b");
    }

    @Test
    void aLargeQueueIsShownPageByPage() throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        String text = "x".repeat(100_000);
        for (int i = 0; i < 35; i++) {
            send(session, "q", text + i);
        }

        List<String> texts = texts(session.createBrowser(session.createQueue("q")));

        assertThat(texts).hasSize(35);
        assertThat(texts.get(34)).endsWith("x34");
    }

    @Test
    void aSelectorPicksWhatIsShown() throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        var queue = session.createQueue("q");
        var producer = session.createProducer(queue);
        for (int i = 0; i < 6; i++) {
            Message message = session.createTextMessage("m" + i);
            message.setIntProperty("i", i);
            producer.send(message);
        }

        var browser = session.createBrowser(queue, "i BETWEEN 2 AND 3 OR i = 5");

        assertThat(texts(browser)).containsExactly("m2", "m3", "m5");
        assertThat(browser.getMessageSelector()).isEqualTo("i BETWEEN 2 AND 3 OR i = 5");
        assertThatThrownBy(() -> session.createBrowser(queue, "i =")).isInstanceOf(InvalidSelectorException.class);
    }

    @Test
    void whatHasExpiredOrIsNotDueIsLeftOut() throws JMSException {
        provider.cluster.create("q", DestinationKind.QUEUE, 1);
        long nowMs = System.currentTimeMillis();
        foreign("q", 0, List.of(header("JMSExpiration", nowMs - 1)), "expired");
        foreign("q", 0, List.of(header("JMSDeliveryTime", nowMs + 3_600_000)), "not due");
        foreign("q", 0, List.of(header("JMSExpiration", nowMs + 3_600_000)), "there");
        var session = provider.opened(provider.factory("?foreignBody=text").createConnection())
                .createSession();

        assertThat(texts(session.createBrowser(session.createQueue("q")))).containsExactly("there");
    }

    @Test
    void messagesShownAreReadOnlyAndAcknowledgingThemDoesNothing() throws JMSException {
        var session = provider.session(Session.CLIENT_ACKNOWLEDGE);
        send(session, "q", "a");
        var browser = session.createBrowser(session.createQueue("q"));

        Message message = (Message) browser.getEnumeration().nextElement();
        assertThat(message.getJMSDestination()).isEqualTo(session.createQueue("q"));
        assertThat(message.getJMSRedelivered()).isFalse();
        assertThatThrownBy(() -> message.setStringProperty("p", "x")).isInstanceOf(MessageNotWriteableException.class);
        message.acknowledge();

        assertThat(texts(browser)).containsExactly("a");
    }

    @Test
    void afterTheLastThereIsNoMore() throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        var pass = session.createBrowser(session.createQueue("empty")).getEnumeration();

        assertThat(pass.hasMoreElements()).isFalse();
        assertThatThrownBy(pass::nextElement).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void aClosedBrowserIsRefused() throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        send(session, "q", "a");
        var browser = session.createBrowser(session.createQueue("q"));
        var pass = browser.getEnumeration();

        browser.close();
        browser.close();

        assertThatThrownBy(browser::getEnumeration).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(browser::getQueue).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(browser::getMessageSelector).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(pass::hasMoreElements).isInstanceOf(IllegalStateRuntimeException.class);
    }

    @Test
    void aClusterThatCannotBeReachedIsToldAsAFailure() throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        send(session, "q", "a");
        var browser = session.createBrowser(session.createQueue("q"));
        var pass = browser.getEnumeration();

        provider.cluster.setUnreachable(true);

        assertThatThrownBy(pass::hasMoreElements)
                .isInstanceOf(JMSRuntimeException.class)
                .hasMessageContaining("Browsing queue:q");
        provider.cluster.setUnreachable(false);
        assertThat(texts(pass)).containsExactly("a");
    }

    @Test
    void whatIsNoQueueCannotBeBrowsed() throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        provider.cluster.create("t", DestinationKind.TOPIC, 1);

        assertThatThrownBy(() -> session.createBrowser(null)).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createBrowser(session.createQueue("t")))
                .isInstanceOf(InvalidDestinationException.class);
    }

    @Test
    void theSimplifiedApiBrowsesToo() throws JMSException {
        send(provider.session(Session.AUTO_ACKNOWLEDGE), "q", "a", "b");
        try (var context = provider.factory().createContext()) {
            var queue = context.createQueue("q");

            assertThat(texts(context.createBrowser(queue))).containsExactly("a", "b");
            assertThat(texts(context.createBrowser(queue, "JMSPriority > 4"))).isEmpty();
            assertThatThrownBy(() -> context.createBrowser(queue, "JMSPriority >"))
                    .isInstanceOf(InvalidSelectorRuntimeException.class);
        }
    }

    private void foreign(String queue, int partition, List<RecordHeader> headers, String value) {
        try (var client = provider.cluster.newClient();
                var producer = client.newProducer(ProducerConfiguration.defaults())) {
            producer.send(new ProducerRecord(
                            queue, partition, null, null, value.getBytes(StandardCharsets.UTF_8), headers))
                    .join();
        }
    }

    private static RecordHeader header(String name, long value) {
        return new RecordHeader(name, String.valueOf(value).getBytes(StandardCharsets.UTF_8));
    }

    private static List<String> texts(QueueBrowser browser) throws JMSException {
        return texts(browser.getEnumeration());
    }

    private static List<String> texts(Enumeration<?> pass) throws JMSException {
        List<String> texts = new ArrayList<>();
        while (pass.hasMoreElements()) {
            texts.add(((TextMessage) pass.nextElement()).getText());
        }
        return texts;
    }
}
