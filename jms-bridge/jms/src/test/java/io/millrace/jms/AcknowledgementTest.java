package io.millrace.jms;

import static io.millrace.jms.TestProvider.assertNothing;
import static io.millrace.jms.TestProvider.eventually;
import static io.millrace.jms.TestProvider.receive;
import static io.millrace.jms.TestProvider.send;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Chapter 6.2: acknowledgement, recovery and local transactions. */
class AcknowledgementTest {
    private final TestProvider provider = new TestProvider();

    @AfterEach
    void closeProvider() throws JMSException {
        provider.close();
    }

    @Test
    void anAutoAcknowledgedMessageIsSettledWhenReceiveHasReturned() throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        send(session, "q", "a", "b");
        var consumer = consumer(session);

        assertThat(receive(consumer)).isEqualTo("a");

        eventually("the acknowledgement", () -> provider.cluster.settledCount("q") == 1);
        assertThat(receive(consumer)).isEqualTo("b");
        session.close();
        assertThat(provider.cluster.settledCount("q")).isEqualTo(2);
    }

    @Test
    void dupsOkAcknowledgesWhenIdleAndAtTheEnd() throws JMSException {
        var session = provider.session(Session.DUPS_OK_ACKNOWLEDGE);
        send(session, "q", "a", "b", "c");
        var consumer = consumer(session);

        receive(consumer);
        receive(consumer);
        receive(consumer);
        assertNothing(consumer);

        eventually("the acknowledgements", () -> provider.cluster.settledCount("q") == 3);
    }

    @Test
    void acknowledgingOneMessageAcknowledgesAllThatTheSessionHasReceived() throws JMSException {
        var session = provider.session(Session.CLIENT_ACKNOWLEDGE);
        send(session, "q", "a", "b", "c");
        var consumer = consumer(session);
        Message first = consumer.receive(TestProvider.SOON_MS);
        receive(consumer);

        first.acknowledge();

        assertThat(provider.cluster.settledCount("q")).isEqualTo(2);
        session.close();
        var again = consumer(provider.session(Session.AUTO_ACKNOWLEDGE));
        assertThat(receive(again)).isEqualTo("c");
        assertNothing(again);
    }

    @Test
    void whatWasNotAcknowledgedComesAgainToOthersMarkedAsRedelivered() throws JMSException {
        var session = provider.session(Session.CLIENT_ACKNOWLEDGE);
        send(session, "q", "a");
        var consumer = consumer(session);
        Message first = consumer.receive(TestProvider.SOON_MS);
        assertThat(first.getJMSRedelivered()).isFalse();
        assertThat(first.getIntProperty("JMSXDeliveryCount")).isEqualTo(1);

        session.close();

        Message second = consumer(provider.session(Session.AUTO_ACKNOWLEDGE)).receive(TestProvider.SOON_MS);
        assertThat(second.getJMSRedelivered()).isTrue();
        assertThat(second.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
        assertThat(second.getJMSMessageID()).isEqualTo(first.getJMSMessageID());
    }

    @Test
    void recoverDeliversAgainInOrderBeforeAnythingElse() throws JMSException {
        var session = provider.session(Session.CLIENT_ACKNOWLEDGE);
        send(session, "q", "a", "b", "c");
        var consumer = consumer(session);
        receive(consumer);
        receive(consumer);

        session.recover();

        Message first = consumer.receive(TestProvider.SOON_MS);
        assertThat(TestProvider.text(first)).isEqualTo("a");
        assertThat(first.getJMSRedelivered()).isTrue();
        assertThat(first.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
        assertThat(receive(consumer)).isEqualTo("b");
        Message third = consumer.receive(TestProvider.SOON_MS);
        assertThat(TestProvider.text(third)).isEqualTo("c");
        assertThat(third.getJMSRedelivered()).isFalse();
        third.acknowledge();
        assertThat(provider.cluster.settledCount("q")).isEqualTo(3);
    }

    @Test
    void aTransactionSendsAtCommit() throws JMSException {
        var session = provider.session(Session.SESSION_TRANSACTED);
        var consumer = consumer(provider.session(Session.AUTO_ACKNOWLEDGE));

        send(session, "q", "a", "b");
        assertNothing(consumer);
        session.commit();

        assertThat(receive(consumer)).isEqualTo("a");
        assertThat(receive(consumer)).isEqualTo("b");
    }

    @Test
    void aRollbackForgetsWhatWasSentAndDeliversAgainWhatWasReceived() throws JMSException {
        var session = provider.session(Session.SESSION_TRANSACTED);
        send(session, "q", "a", "b");
        session.commit();
        var consumer = consumer(session);
        assertThat(receive(consumer)).isEqualTo("a");
        assertThat(receive(consumer)).isEqualTo("b");
        send(session, "other", "never");

        session.rollback();

        assertThat(provider.cluster.records("other")).isEmpty();
        Message again = consumer.receive(TestProvider.SOON_MS);
        assertThat(TestProvider.text(again)).isEqualTo("a");
        assertThat(again.getJMSRedelivered()).isTrue();
        assertThat(again.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
        assertThat(receive(consumer)).isEqualTo("b");
        session.commit();
        assertThat(provider.cluster.settledCount("q")).isEqualTo(2);
        assertNothing(consumer);
    }

    @Test
    void closingATransactedSessionRollsBack() throws JMSException {
        var session = provider.session(Session.SESSION_TRANSACTED);
        send(session, "q", "a");
        session.commit();
        receive(consumer(session));
        send(session, "q", "never");

        session.close();

        var consumer = consumer(provider.session(Session.AUTO_ACKNOWLEDGE));
        assertThat(receive(consumer)).isEqualTo("a");
        assertNothing(consumer);
    }

    /** Chapter 3.5.11: the number of times the message has been delivered, to whomever. */
    @Test
    void theDeliveriesBeforeARollbackCountForWhoeverReceivesNext() throws JMSException {
        var session = provider.session(Session.SESSION_TRANSACTED);
        send(session, "q", "a", "b");
        session.commit();
        var consumer = consumer(session);
        receive(consumer);
        session.rollback();
        receive(consumer);
        session.rollback();
        assertThat(deliveryCount(consumer)).isEqualTo(3);

        session.close();

        var other = consumer(provider.session(Session.AUTO_ACKNOWLEDGE));
        assertThat(deliveryCount(other)).isEqualTo(4);
        assertThat(deliveryCount(other)).isEqualTo(1);
    }

    @Test
    void aRedeliveryThatDidNotTakePlaceIsNotCounted() throws JMSException {
        var session = provider.session(Session.SESSION_TRANSACTED);
        send(session, "q", "a");
        session.commit();
        var consumer = consumer(session);
        receive(consumer);
        session.rollback();

        consumer.close();

        assertThat(deliveryCount(consumer(provider.session(Session.AUTO_ACKNOWLEDGE))))
                .isEqualTo(2);
    }

    private static int deliveryCount(MessageConsumer consumer) throws JMSException {
        return consumer.receive(TestProvider.SOON_MS).getIntProperty("JMSXDeliveryCount");
    }

    @Test
    void whatAClosedConsumerHasReceivedIsStillCommitted() throws JMSException {
        var session = provider.session(Session.SESSION_TRANSACTED);
        send(session, "q", "a", "b");
        session.commit();
        var consumer = consumer(session);
        receive(consumer);
        consumer.close();

        session.commit();

        assertThat(provider.cluster.settledCount("q")).isEqualTo(1);
        assertThat(receive(consumer(session))).isEqualTo("b");
        session.commit();
    }

    @Test
    void whatAClosedConsumerHasReceivedGoesBackAtRollback() throws JMSException {
        var session = provider.session(Session.SESSION_TRANSACTED);
        send(session, "q", "a");
        session.commit();
        var consumer = consumer(session);
        receive(consumer);
        consumer.close();

        session.rollback();

        assertThat(receive(consumer(session))).isEqualTo("a");
        session.commit();
    }

    @Test
    void anAcknowledgementThatIsLostWithItsBrokerIsToldAndTheMessageComesAgain() throws JMSException {
        var session = provider.session(Session.CLIENT_ACKNOWLEDGE);
        send(session, "q", "a");
        var consumer = consumer(session);
        Message first = consumer.receive(TestProvider.SOON_MS);

        provider.cluster.loseBroker();

        assertThatThrownBy(first::acknowledge)
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("not acquired by this consumer any more");
        Message again = consumer.receive(TestProvider.SOON_MS);
        assertThat(again.getJMSRedelivered()).isTrue();
        again.acknowledge();
        assertThat(provider.cluster.settledCount("q")).isEqualTo(1);
    }

    @Test
    void anAutomaticAcknowledgementThatFailsCostsADuplicateAndNoMessage() throws JMSException {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        send(session, "q", "a", "b");
        var consumer = consumer(session);
        provider.cluster.failAcknowledgements(1);

        assertThat(receive(consumer)).isEqualTo("a");

        assertThat(receive(consumer)).isEqualTo("b");
        Message again = consumer.receive(TestProvider.SOON_MS);
        assertThat(TestProvider.text(again)).isEqualTo("a");
        assertThat(again.getJMSRedelivered()).isTrue();
    }

    @Test
    void ofAutomaticAcknowledgementsALostBrokerTakesOneAtMost() throws Exception {
        var session = provider.session(Session.AUTO_ACKNOWLEDGE);
        send(session, "q", "a", "b", "c");
        var consumer = consumer(session);
        provider.cluster.holdAcknowledgements();
        assertThat(receive(consumer)).isEqualTo("a");
        var received = new ArrayList<Message>();
        var receiver = new FutureTask<Void>(() -> {
            for (int i = 0; i < 3; i++) {
                received.add(consumer.receive(TestProvider.SOON_MS));
            }
            return null;
        });
        var thread = new Thread(receiver);
        thread.start();
        eventually("the wait", () -> thread.getState() == Thread.State.TIMED_WAITING);

        provider.cluster.loseBroker();
        receiver.get(TestProvider.SOON_MS, TimeUnit.MILLISECONDS);

        assertThat(received).extracting(TestProvider::text).containsExactlyInAnyOrder("a", "b", "c");
        assertThat(received)
                .extracting(message -> TestProvider.text(message) + message.getJMSRedelivered())
                .contains("atrue");
        assertNothing(consumer);
    }

    @Test
    void aCommitWhoseSendsFailIsARollbackThatSaysSo() throws JMSException {
        var session = provider.session(Session.SESSION_TRANSACTED);
        send(session, "q", "a");
        session.commit();
        var consumer = consumer(session);
        receive(consumer);
        send(session, "q", "b");
        provider.cluster.refuseSends(io.millrace.protocol.ErrorCode.NOT_ENOUGH_REPLICAS);

        assertThatThrownBy(session::commit)
                .isInstanceOf(jakarta.jms.TransactionRolledBackException.class)
                .hasMessageContaining("1 of the transaction's 1 sends failed");

        provider.cluster.refuseSends(null);
        assertThat(receive(consumer)).isEqualTo("a");
        session.commit();
    }

    @Test
    void whatTransactionsMayNotIsRefused() throws JMSException {
        var auto = provider.session(Session.AUTO_ACKNOWLEDGE);
        var transacted = provider.session(Session.SESSION_TRANSACTED);

        assertThatThrownBy(auto::commit).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(auto::rollback).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(transacted::recover).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aContainersTransactionHoldsBackSendsAndAcknowledgements() throws JMSException {
        var session = (MillraceSession) provider.session(Session.AUTO_ACKNOWLEDGE);
        send(session, "q", "a");
        var consumer = consumer(session);

        session.beginTransaction();
        receive(consumer);
        send(session, "other", "b");
        assertThatThrownBy(session::beginTransaction).isInstanceOf(IllegalStateException.class);
        assertThat(provider.cluster.records("other")).isEmpty();
        session.rollbackTransaction();
        session.beginTransaction();
        assertThat(receive(consumer)).isEqualTo("a");
        send(session, "other", "c");
        session.commitTransaction();

        assertThat(provider.cluster.settledCount("q")).isEqualTo(1);
        assertThat(provider.cluster.records("other")).hasSize(1);
        assertThatThrownBy(session::commitTransaction).isInstanceOf(IllegalStateException.class);
        send(session, "other", "at once");
        assertThat(provider.cluster.records("other")).hasSize(2);
    }

    @Test
    void acknowledgingOnAClosedSessionIsRefused() throws JMSException {
        var session = provider.session(Session.CLIENT_ACKNOWLEDGE);
        send(session, "q", "a");
        Message message = consumer(session).receive(TestProvider.SOON_MS);
        session.close();

        assertThatThrownBy(message::acknowledge).isInstanceOf(IllegalStateException.class);
    }

    private static MessageConsumer consumer(Session session) throws JMSException {
        return session.createConsumer(session.createQueue("q"));
    }
}
