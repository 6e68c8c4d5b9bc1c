package io.millrace.jmssuite;

import io.millrace.client.ClientConfiguration;
import io.millrace.client.ClusterClient;
import io.millrace.client.DestinationKind;
import io.millrace.jms.jndi.PropertiesInitialContextFactory;
import java.util.Hashtable;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.naming.Context;
import javax.naming.NamingException;
import org.jspecify.annotations.Nullable;
import org.objectweb.jtests.jms.admin.Admin;

/**
 * Makes what a case of the suite works with, and takes it away behind it: destinations in the cluster, and a naming context out of the same
 * properties as in {@code jndi.properties}.
 *
 * <p>The suite makes one for each case, by its name; where the cluster is, it is told by a system property. Owned by the test's thread.
 */
public final class SuiteAdmin implements Admin {
    /** The system property that names the cluster's brokers. */
    static final String BOOTSTRAP_SERVERS = "jms.suite.bootstrap.servers";

    /** The suite sends itself a vector. */
    private static final String READING_OBJECTS = "?objectAllowList=java.util.*,java.lang.*";

    private static final long ANSWER_MAX_SECONDS = 30;
    private static final int BROKERS_CHOICE = -1;

    private final Hashtable<String, String> names = new Hashtable<>();
    private @Nullable ClusterClient client;

    /** For the suite, which makes it by its name. */
    public SuiteAdmin() {}

    @Override
    public String getName() {
        return "Millrace";
    }

    /** The broker is there already: it serves all cases. */
    @Override
    public void startServer() {}

    /** See {@link #startServer}. */
    @Override
    public void stopServer() {}

    @Override
    public void start() {
        client = ClusterClient.open(
                ClientConfiguration.of(System.getProperty(BOOTSTRAP_SERVERS)).withClientId("jms-suite"));
    }

    @Override
    public void stop() {
        client().close();
    }

    @Override
    public Context createContext() throws NamingException {
        return new PropertiesInitialContextFactory().getInitialContext(names);
    }

    @Override
    public void createQueue(String name) {
        create(name, DestinationKind.QUEUE);
        names.put("queue." + name, name);
    }

    @Override
    public void createTopic(String name) {
        create(name, DestinationKind.TOPIC);
        names.put("topic." + name, name);
    }

    private void create(String name, DestinationKind kind) {
        await(client().admin().create(name, kind, BROKERS_CHOICE, BROKERS_CHOICE, Map.of()));
    }

    @Override
    public void deleteQueue(String name) {
        await(client().admin().delete(name));
        names.remove("queue." + name);
    }

    @Override
    public void deleteTopic(String name) {
        await(client().admin().delete(name));
        names.remove("topic." + name);
    }

    @Override
    public void createConnectionFactory(String name) {
        names.put("connectionFactory." + name, "millrace://" + System.getProperty(BOOTSTRAP_SERVERS) + READING_OBJECTS);
    }

    @Override
    public void createQueueConnectionFactory(String name) {
        createConnectionFactory(name);
    }

    @Override
    public void createTopicConnectionFactory(String name) {
        createConnectionFactory(name);
    }

    @Override
    public void deleteConnectionFactory(String name) {
        names.remove("connectionFactory." + name);
    }

    @Override
    public void deleteQueueConnectionFactory(String name) {
        deleteConnectionFactory(name);
    }

    @Override
    public void deleteTopicConnectionFactory(String name) {
        deleteConnectionFactory(name);
    }

    private ClusterClient client() {
        if (client == null) {
            throw new IllegalStateException("the suite has not called start()");
        }
        return client;
    }

    private static void await(CompletableFuture<Void> answer) {
        answer.orTimeout(ANSWER_MAX_SECONDS, TimeUnit.SECONDS).join();
    }
}
