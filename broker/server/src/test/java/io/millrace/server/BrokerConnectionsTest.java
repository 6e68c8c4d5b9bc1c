package io.millrace.server;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.network.EventLoops;
import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.InMemoryMetadata;
import io.millrace.metadata.InMemoryMetadataStore;
import io.millrace.server.replica.BrokerConnections;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class BrokerConnectionsTest {
    private static final int BROKER = 1;

    private final InMemoryMetadata metadata = new InMemoryMetadata();
    private final EventLoops loops = new EventLoops("test-connections", 1);
    private final BrokerConnections connections =
            new BrokerConnections(metadata.store(Runnable::run), loops.group(), "test", Duration.ofSeconds(10));
    private TestCluster cluster;

    @BeforeEach
    void start(@TempDir Path directory) throws Exception {
        cluster = TestCluster.start(directory, 1);
    }

    @AfterEach
    void stop() throws Exception {
        connections.close();
        loops.close(Duration.ofSeconds(5));
        cluster.close();
    }

    @Test
    void aBrokerWhoseRegistrationHasGoneIsReachedOverTheConnectionThatIsOpen() throws Exception {
        registered().crash();
        assertThatThrownBy(() -> connections.to(BROKER).get(10, SECONDS))
                .hasRootCauseMessage("no connection to broker 1: it is not registered");
        var session = registered();
        var open = connections.to(BROKER).get(10, SECONDS);

        session.crash();

        assertThat(metadata.image().brokers()).isEmpty();
        assertThat(connections.to(BROKER).get(10, SECONDS)).isSameAs(open);
    }

    @Test
    void aBrokerWhoseRegistrationAndConnectionHaveGoneIsNotReached() throws Exception {
        var session = registered();
        var open = connections.to(BROKER).get(10, SECONDS);
        session.crash();

        open.close();
        open.closeFuture().get(10, SECONDS);

        assertThatThrownBy(() -> connections.to(BROKER).get(10, SECONDS))
                .hasRootCauseMessage("no connection to broker 1: it is not registered");
    }

    @Test
    void aBrokerThatRegistersAnewGetsANewConnection() throws Exception {
        registered();
        var open = connections.to(BROKER).get(10, SECONDS);

        registered();

        assertThat(connections.to(BROKER).get(10, SECONDS)).isNotSameAs(open);
        open.closeFuture().get(10, SECONDS);
    }

    /** A session under which the broker is registered. */
    private InMemoryMetadataStore registered() throws Exception {
        var store = metadata.store(Runnable::run);
        store.register(BrokerRegistration.wanted(
                        BROKER, "127.0.0.1", cluster.broker(BROKER).port(), null, UUID.randomUUID()))
                .get(10, SECONDS);
        return store;
    }
}
