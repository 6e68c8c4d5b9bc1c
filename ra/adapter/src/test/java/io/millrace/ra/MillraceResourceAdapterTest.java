package io.millrace.ra;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.ra.configuration.ClusterSettings;
import io.millrace.ra.configuration.SharedClients;
import io.millrace.ra.inbound.MillraceActivationSpec;
import jakarta.resource.NotSupportedException;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ActivationSpec;
import jakarta.resource.spi.ResourceAdapter;
import jakarta.resource.spi.ResourceAdapterInternalException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MillraceResourceAdapterTest {
    private final FakeCluster cluster = new FakeCluster();
    private final FakeContainer container = new FakeContainer();
    private final SharedClients clients = new SharedClients(cluster::open);

    @Test
    void startingOpensNoConnection() throws ResourceException {
        MillraceResourceAdapter adapter = new MillraceResourceAdapter(clients);

        adapter.start(container);

        assertThat(cluster.openClients()).isZero();
        adapter.stop();
    }

    @Test
    void adaptersOfOneConfigurationShareAClient() throws ResourceException {
        MillraceResourceAdapter first = started("a:1");
        MillraceResourceAdapter second = started("a:1");
        MillraceResourceAdapter other = started("b:1");
        first.physicalConnections(first.clusterSettings());
        second.physicalConnections(second.clusterSettings());
        other.physicalConnections(other.clusterSettings());
        assertThat(cluster.openClients()).isEqualTo(2);

        first.stop();
        assertThat(cluster.openClients()).isEqualTo(2);
        second.stop();
        assertThat(cluster.openClients()).isEqualTo(1);
        other.stop();
        assertThat(cluster.openClients()).isZero();
    }

    @Test
    void anAdapterMayBeStartedAgain() throws ResourceException {
        MillraceResourceAdapter adapter = started("a:1");
        adapter.stop();

        adapter.start(container);

        adapter.physicalConnections(ClusterSettings.DEFAULTS);
        assertThat(cluster.openClients()).isEqualTo(1);
        adapter.stop();
        assertThat(cluster.openClients()).isZero();
    }

    @Test
    void aWrongAllowListFailsTheStart() {
        MillraceResourceAdapter adapter = new MillraceResourceAdapter(clients);
        adapter.setObjectAllowList("com.acme.*,com..Order");

        assertThatThrownBy(() -> adapter.start(container))
                .isInstanceOf(ResourceAdapterInternalException.class)
                .hasMessageContaining("'com..Order'");
    }

    @Test
    void aWrongConfigurationFailsTheStart() {
        MillraceResourceAdapter adapter = new MillraceResourceAdapter(clients);
        adapter.setBootstrapServers("nonsense");

        assertThatThrownBy(() -> adapter.start(container))
                .isInstanceOf(ResourceAdapterInternalException.class)
                .hasMessageContaining("'nonsense'");
    }

    @Test
    void adaptersAreEqualWhereTheirConfigurationIs() {
        MillraceResourceAdapter first = new MillraceResourceAdapter();
        MillraceResourceAdapter second = new MillraceResourceAdapter();
        assertThat(first).isEqualTo(second).hasSameHashCodeAs(second);

        second.setClientId("other");

        assertThat(first).isNotEqualTo(second);
    }

    @Test
    void anAdapterThatWasSerializedWorks() throws Exception {
        MillraceResourceAdapter adapter = new MillraceResourceAdapter();
        adapter.setBootstrapServers("a:1");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new ObjectOutputStream(bytes).writeObject(adapter);

        Object read = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray())).readObject();

        assertThat(read).isEqualTo(adapter);
        ((MillraceResourceAdapter) read).start(container);
        ((MillraceResourceAdapter) read).stop();
    }

    @Test
    void anotherAdaptersSpecificationIsRefused() throws ResourceException {
        MillraceResourceAdapter adapter = started("a:1");
        ActivationSpec foreign = new ActivationSpec() {
            @Override
            public void validate() {}

            @Override
            public ResourceAdapter getResourceAdapter() {
                return null;
            }

            @Override
            public void setResourceAdapter(ResourceAdapter resourceAdapter) {}
        };

        assertThatThrownBy(() -> adapter.endpointActivation(container.plainBean(message -> {}), foreign))
                .isInstanceOf(NotSupportedException.class)
                .hasMessageContaining(MillraceActivationSpec.class.getName());
        adapter.stop();
    }

    @Test
    void nothingIsRecoveredAsNoTransactionIsDistributed() {
        assertThat(new MillraceResourceAdapter().getXAResources(new ActivationSpec[] {new MillraceActivationSpec()}))
                .isNull();
    }

    private MillraceResourceAdapter started(String bootstrapServers) throws ResourceException {
        MillraceResourceAdapter adapter = new MillraceResourceAdapter(clients);
        adapter.setBootstrapServers(bootstrapServers);
        adapter.start(container);
        return adapter;
    }
}
