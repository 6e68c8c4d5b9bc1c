package io.millrace.ra.outbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.DestinationKind;
import io.millrace.jms.MillraceQueue;
import io.millrace.ra.Adapters;
import io.millrace.ra.FakeCluster;
import io.millrace.ra.FakeContainer;
import io.millrace.ra.MillraceResourceAdapter;
import io.millrace.ra.configuration.SharedClients;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.TransactionInProgressException;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionEvent;
import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.security.PasswordCredential;
import java.util.Set;
import javax.security.auth.Subject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OutboundTest {
    private static final Queue ORDERS = new MillraceQueue("orders");

    private final FakeCluster cluster = new FakeCluster();
    private final FakePool pool = new FakePool();
    private final MillraceResourceAdapter adapter = Adapters.on(new SharedClients(cluster::open));
    private final MillraceManagedConnectionFactory managed = new MillraceManagedConnectionFactory();
    private ConnectionFactory factory;

    @BeforeEach
    void start() throws ResourceException {
        cluster.create("orders", DestinationKind.QUEUE, 1);
        managed.setResourceAdapter(adapter);
        factory = (ConnectionFactory) managed.createConnectionFactory(pool);
        adapter.start(new FakeContainer());
    }

    @AfterEach
    void stop() {
        adapter.stop();
        assertThat(cluster.openClients()).as("clients left open").isZero();
    }

    @Test
    void aSendOutsideATransactionLeavesAtOnce() {
        try (JMSContext context = factory.createContext()) {
            context.createProducer().send(ORDERS, "a");

            assertThat(cluster.sent()).containsExactly("a");
        }
    }

    @Test
    void aConnectionThatWasClosedServesTheNextApplicationInAnyMode() throws JMSException {
        try (JMSContext context = factory.createContext(JMSContext.AUTO_ACKNOWLEDGE)) {
            context.createProducer().send(ORDERS, "a");
        }
        try (Connection connection = factory.createConnection();
                Session session = connection.createSession(false, Session.CLIENT_ACKNOWLEDGE)) {
            session.createProducer(ORDERS).send(session.createTextMessage("b"));
        }

        assertThat(cluster.sent()).containsExactly("a", "b");
        assertThat(pool.made).hasSize(1);
        assertThat(pool.idle).hasSize(1);
        assertThat(cluster.openClients()).isEqualTo(1);
    }

    @Test
    void whatIsSentInATransactionOfTheServerLeavesAtItsCommit() throws ResourceException {
        pool.begin();
        try (JMSContext context = factory.createContext()) {
            context.createProducer().send(ORDERS, "a");
        }
        try (JMSContext context = factory.createContext()) {
            context.createProducer().send(ORDERS, "b");
        }
        assertThat(cluster.sent()).isEmpty();

        pool.commit();

        assertThat(cluster.sent()).containsExactly("a", "b");
        assertThat(pool.made).hasSize(1);
    }

    @Test
    void whatIsSentInATransactionThatIsRolledBackNeverLeaves() throws ResourceException {
        pool.begin();
        try (JMSContext context = factory.createContext()) {
            context.createProducer().send(ORDERS, "a");
        }

        pool.rollback();

        assertThat(cluster.sent()).isEmpty();
        try (JMSContext context = factory.createContext()) {
            context.createProducer().send(ORDERS, "b");
        }
        assertThat(cluster.sent()).containsExactly("b");
    }

    @Test
    void whatIsReceivedInATransactionThatIsRolledBackComesAgain() throws ResourceException, JMSException {
        cluster.put("orders", "a");
        pool.begin();
        try (JMSContext context = factory.createContext();
                JMSConsumer consumer = context.createConsumer(ORDERS)) {
            assertThat(consumer.receive(5_000)).isNotNull();
        }

        pool.rollback();

        assertThat(cluster.accepted("orders")).isEmpty();
        assertThat(cluster.available("orders")).isEqualTo(1);
    }

    @Test
    void whatIsReceivedInATransactionIsAcknowledgedAtItsCommit() throws ResourceException, JMSException {
        cluster.put("orders", "a");
        pool.begin();
        try (JMSContext context = factory.createContext();
                JMSConsumer consumer = context.createConsumer(ORDERS)) {
            assertThat(consumer.receive(5_000)).isNotNull();
            assertThat(cluster.accepted("orders")).isEmpty();
        }

        pool.commit();

        assertThat(cluster.accepted("orders")).containsExactly("a");
    }

    @Test
    void aCommitThatFailsTellsTheServer() throws ResourceException {
        pool.begin();
        try (JMSContext context = factory.createContext()) {
            context.createProducer().send(ORDERS, "a");
        }
        cluster.refuseSends(true);

        assertThatThrownBy(pool::commit)
                .isInstanceOf(ResourceException.class)
                .hasMessageContaining("the commit failed");
    }

    @Test
    void anApplicationsOwnTransactionIsToldToTheServer() throws JMSException {
        try (Connection connection = factory.createConnection();
                Session session = connection.createSession(true, Session.SESSION_TRANSACTED)) {
            MessageProducer producer = session.createProducer(ORDERS);
            producer.send(session.createTextMessage("a"));
            assertThat(cluster.sent()).isEmpty();
            session.commit();
            producer.send(session.createTextMessage("b"));
            session.rollback();
        }

        assertThat(cluster.sent()).containsExactly("a");
        assertThat(pool.events)
                .containsExactly(
                        ConnectionEvent.LOCAL_TRANSACTION_STARTED,
                        ConnectionEvent.LOCAL_TRANSACTION_COMMITTED,
                        ConnectionEvent.LOCAL_TRANSACTION_STARTED,
                        ConnectionEvent.LOCAL_TRANSACTION_ROLLEDBACK,
                        ConnectionEvent.CONNECTION_CLOSED);
    }

    @Test
    void anApplicationCannotCommitTheServersTransaction() throws Exception {
        pool.begin();
        try (Connection connection = factory.createConnection();
                Session session = connection.createSession(true, Session.SESSION_TRANSACTED)) {
            assertThatThrownBy(session::commit).isInstanceOf(TransactionInProgressException.class);
        }
        pool.rollback();
    }

    @Test
    void aMessageIsReceivedWhenTheConnectionWasStarted() throws JMSException {
        cluster.put("orders", "a");
        try (Connection connection = factory.createConnection();
                Session session = connection.createSession();
                MessageConsumer consumer = session.createConsumer(ORDERS)) {
            assertThat(consumer.receiveNoWait()).isNull();

            connection.start();

            assertThat(consumer.receive(5_000)).isNotNull();
        }
    }

    @Test
    void whatAnApplicationReceivedAndDidNotAcknowledgeGoesBackWhenItCloses() throws JMSException {
        cluster.put("orders", "a");
        try (JMSContext context = factory.createContext(JMSContext.CLIENT_ACKNOWLEDGE);
                JMSConsumer consumer = context.createConsumer(ORDERS)) {
            assertThat(consumer.receive(5_000)).isNotNull();
        }

        assertThat(cluster.available("orders")).isEqualTo(1);
        assertThat(pool.idle).hasSize(1);
    }

    @Test
    void aHandleThatIsClosedIsOfNoUseAnyMore() throws JMSException {
        Connection connection = factory.createConnection();
        Session session = connection.createSession();
        MessageProducer producer = session.createProducer(ORDERS);
        TextMessage message = session.createTextMessage("a");

        connection.close();
        connection.close();

        assertThatThrownBy(() -> producer.send(message)).isInstanceOf(jakarta.jms.IllegalStateException.class);
        assertThatThrownBy(session::createMessage).isInstanceOf(jakarta.jms.IllegalStateException.class);
        assertThatThrownBy(connection::createSession).isInstanceOf(jakarta.jms.IllegalStateException.class);
        assertThat(pool.idle).hasSize(1);
    }

    @Test
    void whatApplicationsInServersMayNotDoIsRefused() throws JMSException {
        try (Connection connection = factory.createConnection();
                Session session = connection.createSession();
                MessageConsumer consumer = session.createConsumer(ORDERS)) {
            assertThatThrownBy(() -> connection.setClientID("me"))
                    .isInstanceOf(jakarta.jms.IllegalStateException.class);
            assertThatThrownBy(() -> connection.setExceptionListener(e -> {}))
                    .isInstanceOf(jakarta.jms.IllegalStateException.class);
            assertThatThrownBy(() -> consumer.setMessageListener(m -> {}))
                    .isInstanceOf(jakarta.jms.IllegalStateException.class)
                    .hasMessageContaining("message-driven bean");
        }
    }

    @Test
    void aServerMayAskForAConnectionWithoutAnyRequest() throws ResourceException {
        Subject subject = new Subject();
        PasswordCredential credential = new PasswordCredential("admin", "secret".toCharArray());
        credential.setManagedConnectionFactory(managed);
        subject.getPrivateCredentials().add(credential);

        ManagedConnection connection = managed.createManagedConnection(subject, null);

        assertThat(connection.getMetaData().getUserName()).isEqualTo("admin");
        assertThat(connection.getMetaData().getEISProductName()).isEqualTo("Millrace");
        assertThat(managed.matchManagedConnections(Set.of(connection), subject, null))
                .isSameAs(connection);
        assertThat(managed.matchManagedConnections(Set.of(connection), null, null))
                .isNull();
        connection.destroy();
        connection.destroy();
    }

    @Test
    void aConnectionMayBeDestroyedAfterTheAdapterHasStopped() throws ResourceException {
        ManagedConnection connection = managed.createManagedConnection(null, null);

        adapter.stop();

        assertThat(cluster.openClients()).isZero();
        connection.destroy();
        assertThatThrownBy(() -> managed.createManagedConnection(null, null))
                .isInstanceOf(ResourceException.class)
                .hasMessageContaining("has been stopped");
    }

    @Test
    void factoriesAreEqualWhereTheirConfigurationIs() throws ResourceException {
        MillraceManagedConnectionFactory same = new MillraceManagedConnectionFactory();
        same.setResourceAdapter(Adapters.on(new SharedClients(cluster::open)));
        MillraceManagedConnectionFactory other = new MillraceManagedConnectionFactory();
        other.setResourceAdapter(adapter);
        other.setBootstrapServers("elsewhere:9092");
        other.setObjectAllowList("com.acme.*");

        assertThat(same).isEqualTo(managed).hasSameHashCodeAs(managed);
        assertThat(other).isNotEqualTo(managed);
        assertThat(other.clusterSettings().bootstrapServers()).isEqualTo("elsewhere:9092");
        assertThat(other.clusterSettings().allowedObjects()).hasToString("com.acme.*");
        assertThat(managed.clusterSettings().allowedObjects()).hasToString("");
        assertThat(managed.clusterSettings().bootstrapServers()).isEqualTo("127.0.0.1:9092");
    }
}
