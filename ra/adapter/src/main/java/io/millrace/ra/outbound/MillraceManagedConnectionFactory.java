package io.millrace.ra.outbound;

import io.millrace.ra.MillraceResourceAdapter;
import io.millrace.ra.PhysicalConnections;
import io.millrace.ra.configuration.ClusterReference;
import io.millrace.ra.configuration.ClusterSettings;
import jakarta.resource.NotSupportedException;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionManager;
import jakarta.resource.spi.ConnectionRequestInfo;
import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.ManagedConnectionFactory;
import jakarta.resource.spi.ResourceAdapter;
import jakarta.resource.spi.ResourceAdapterAssociation;
import jakarta.resource.spi.TransactionSupport;
import jakarta.resource.spi.ValidatingManagedConnectionFactory;
import jakarta.resource.spi.security.PasswordCredential;
import java.io.PrintWriter;
import java.io.Serial;
import java.io.Serializable;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import javax.security.auth.Subject;
import org.jspecify.annotations.Nullable;

/**
 * Makes the connections that an application server pools, and the connection factories that applications look up.
 *
 * <p>Servers make one before the resource adapter is started, and make another at each lookup; so nothing here does
 * input or output. The cluster is the resource adapter's, except for what is set here. Without a server it works alone,
 * with the defaults for what is not set.
 *
 * <p>Equal where the configuration and the resource adapter are.
 */
public final class MillraceManagedConnectionFactory
        implements ManagedConnectionFactory,
                ResourceAdapterAssociation,
                ValidatingManagedConnectionFactory,
                TransactionSupport,
                ClusterReference,
                Serializable {
    @Serial
    private static final long serialVersionUID = 1;

    private @Nullable MillraceResourceAdapter resourceAdapter;
    private @Nullable String bootstrapServers;
    private @Nullable String clientId;
    private @Nullable String objectAllowList;
    private transient @Nullable PrintWriter logWriter;

    @Override
    public @Nullable ResourceAdapter getResourceAdapter() {
        return resourceAdapter;
    }

    /** Some servers call it more than once, with the same adapter. */
    @Override
    public void setResourceAdapter(ResourceAdapter resourceAdapter) throws ResourceException {
        if (!(resourceAdapter instanceof MillraceResourceAdapter ours)) {
            throw new NotSupportedException("the resource adapter is a "
                    + (resourceAdapter == null
                            ? null
                            : resourceAdapter.getClass().getName())
                    + "; it must be a " + MillraceResourceAdapter.class.getName());
        }
        this.resourceAdapter = ours;
    }

    public @Nullable String getBootstrapServers() {
        return bootstrapServers;
    }

    /** Another cluster than the resource adapter's; empty or null: the adapter's. */
    public void setBootstrapServers(@Nullable String bootstrapServers) {
        this.bootstrapServers = bootstrapServers;
    }

    public @Nullable String getClientId() {
        return clientId;
    }

    /** Another name in requests than the resource adapter's; empty or null: the adapter's. */
    public void setClientId(@Nullable String clientId) {
        this.clientId = clientId;
    }

    public @Nullable String getObjectAllowList() {
        return objectAllowList;
    }

    /** Other classes of objects than the resource adapter permits; empty or null: the adapter's. */
    public void setObjectAllowList(@Nullable String objectAllowList) {
        this.objectAllowList = objectAllowList;
    }

    @Override
    public ClusterSettings clusterSettings() {
        ClusterSettings inherited =
                resourceAdapter == null ? ClusterSettings.DEFAULTS : resourceAdapter.clusterSettings();
        return new ClusterSettings(
                orInherited(bootstrapServers, inherited.bootstrapServers()),
                orInherited(clientId, inherited.clientId()),
                inherited.requestTimeoutMs(),
                inherited.deliveryTimeoutMs(),
                orInherited(objectAllowList, inherited.objectAllowList()));
    }

    private static String orInherited(@Nullable String value, String inherited) {
        return value == null || value.isBlank() ? inherited : value;
    }

    @Override
    public Object createConnectionFactory(ConnectionManager connectionManager) {
        return new MillraceConnectionFactory(this, connectionManager);
    }

    @Override
    public Object createConnectionFactory() {
        return new MillraceConnectionFactory(this, new OwnConnectionManager());
    }

    @Override
    public ManagedConnection createManagedConnection(@Nullable Subject subject, @Nullable ConnectionRequestInfo request)
            throws ResourceException {
        PhysicalConnections connections = resourceAdapter == null
                ? PhysicalConnections.alone(clusterSettings())
                : resourceAdapter.physicalConnections(clusterSettings());
        return new MillraceManagedConnection(this, connections, credentials(subject, request));
    }

    /** Any connection of the same user serves: connections have no other state that a request could ask for. */
    @Override
    @SuppressWarnings("rawtypes") // The specification's signature.
    public @Nullable ManagedConnection matchManagedConnections(
            Set connectionSet, @Nullable Subject subject, @Nullable ConnectionRequestInfo request)
            throws ResourceException {
        MillraceConnectionRequestInfo wanted = credentials(subject, request);
        for (Object candidate : connectionSet) {
            if (candidate instanceof MillraceManagedConnection connection && connection.serves(this, wanted)) {
                return connection;
            }
        }
        return null;
    }

    /** The container's credentials before the application's. */
    private MillraceConnectionRequestInfo credentials(
            @Nullable Subject subject, @Nullable ConnectionRequestInfo request) throws ResourceException {
        if (subject != null) {
            for (PasswordCredential credential : subject.getPrivateCredentials(PasswordCredential.class)) {
                if (equals(credential.getManagedConnectionFactory())) {
                    return new MillraceConnectionRequestInfo(
                            credential.getUserName(), String.valueOf(credential.getPassword()));
                }
            }
        }
        if (request == null) {
            return MillraceConnectionRequestInfo.ANYBODY;
        }
        if (request instanceof MillraceConnectionRequestInfo ours) {
            return ours;
        }
        throw new NotSupportedException("the connection request is a "
                + request.getClass().getName() + "; it must come from this factory's connection factory");
    }

    @Override
    @SuppressWarnings({"rawtypes", "unchecked"}) // The specification's signature.
    public Set getInvalidConnections(Set connectionSet) {
        Set invalid = new HashSet();
        for (Object candidate : connectionSet) {
            if (candidate instanceof MillraceManagedConnection connection && connection.isBroken()) {
                invalid.add(connection);
            }
        }
        return invalid;
    }

    @Override
    public TransactionSupportLevel getTransactionSupport() {
        return TransactionSupportLevel.LocalTransaction;
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return logWriter;
    }

    /** Kept for the server; messages go to the platform's logger. */
    @Override
    public void setLogWriter(@Nullable PrintWriter logWriter) {
        this.logWriter = logWriter;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof MillraceManagedConnectionFactory factory
                && Objects.equals(bootstrapServers, factory.bootstrapServers)
                && Objects.equals(clientId, factory.clientId)
                && Objects.equals(objectAllowList, factory.objectAllowList)
                && Objects.equals(resourceAdapter, factory.resourceAdapter);
    }

    /** Without the resource adapter, which servers set when the factory may be in a map already. */
    @Override
    public int hashCode() {
        return Objects.hash(bootstrapServers, clientId, objectAllowList);
    }
}
