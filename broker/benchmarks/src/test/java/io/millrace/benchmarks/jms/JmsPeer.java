package io.millrace.benchmarks.jms;

import io.millrace.benchmarks.Peer;

/**
 * A provider as the program meets it.
 *
 * @param contextFactory class of its initial context factory
 * @param addressFormat of a connection factory, with one place for the brokers' addresses
 * @param clientClassPath of the program
 */
record JmsPeer(Peer peer, String contextFactory, String addressFormat, String clientClassPath) {
    static JmsPeer millrace(Peer peer, String classPath) {
        return new JmsPeer(peer, "io.millrace.jms.jndi.PropertiesInitialContextFactory", "millrace://%s", classPath);
    }

    static JmsPeer artemis(Peer peer, String classPath) {
        return new JmsPeer(
                peer, "org.apache.activemq.artemis.jndi.ActiveMQInitialContextFactory", "tcp://%s", classPath);
    }

    String name() {
        return peer.name();
    }
}
