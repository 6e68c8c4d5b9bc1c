package io.millrace.faults;

import io.millrace.testkit.Ports;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where the processes of a cluster listen: each in a network namespace of its own behind a bridge where root may make them, or all on loopback.
 *
 * <p>Owned by the test's thread. Rules of a namespace end with it; namespaces and the bridge end with the cleanup.
 */
final class Network {
    private static final int PORT = 9092;
    private static final int BRIDGE_HOST = 254;

    private final boolean isNamespaced;
    private final String id = Long.toString(ProcessHandle.current().pid() % 46_656, 36);
    private final String subnet = "10." + (64 + ProcessHandle.current().pid() % 64) + "."
            + ProcessHandle.current().pid() / 64 % 256;
    private final Map<String, Integer> hosts = new TreeMap<>();
    private final Map<String, Integer> loopbackPorts = new TreeMap<>();
    private final Cleanup cleanup;

    private Network(boolean isNamespaced, Cleanup cleanup) {
        this.isNamespaced = isNamespaced;
        this.cleanup = cleanup;
    }

    /** A network with these nodes. */
    static Network open(List<String> nodes, Cleanup cleanup) {
        var network = new Network(Tools.withoutNetwork().isEmpty(), cleanup);
        if (network.isNamespaced) {
            network.makeBridge();
        }
        for (String node : nodes) {
            network.hosts.put(node, network.hosts.size() + 1);
            if (network.isNamespaced) {
                network.makeNamespace(node);
            } else {
                network.loopbackPorts.put(node, Ports.free());
            }
        }
        return network;
    }

    private void makeBridge() {
        Tools.run("ip", "link", "add", bridge(), "type", "bridge");
        cleanup.add("bridge " + bridge(), () -> Tools.run("ip", "link", "del", bridge()));
        Tools.run("ip", "addr", "add", subnet + "." + BRIDGE_HOST + "/24", "dev", bridge());
        Tools.run("ip", "link", "set", bridge(), "up");
    }

    private void makeNamespace(String node) {
        String namespace = namespace(node);
        String outside = "v" + id + node;
        Tools.run("ip", "netns", "add", namespace);
        cleanup.add("network namespace " + namespace, () -> Tools.run("ip", "netns", "del", namespace));
        Tools.run("ip", "link", "add", outside, "type", "veth", "peer", "name", "eth0", "netns", namespace);
        // The kernel takes its time with what is in a namespace that is deleted, and the next network has the same
        // names.
        cleanup.add("link " + outside, () -> Tools.run("ip", "link", "del", outside));
        Tools.run("ip", "link", "set", outside, "master", bridge(), "up");
        Tools.run("ip", "-n", namespace, "addr", "add", host(node) + "/24", "dev", "eth0");
        Tools.run("ip", "-n", namespace, "link", "set", "eth0", "up");
        Tools.run("ip", "-n", namespace, "link", "set", "lo", "up");
    }

    String host(String node) {
        return isNamespaced ? subnet + "." + hosts.get(node) : "127.0.0.1";
    }

    int port(String node) {
        return isNamespaced ? PORT : loopbackPorts.get(node);
    }

    String endpoint(String node) {
        return host(node) + ":" + port(node);
    }

    /** What a command has to start with in order to run there. */
    List<String> prefix(String node) {
        return isNamespaced ? List.of("nsenter", "--net=/run/netns/" + namespace(node)) : List.of();
    }

    /** Drops all that comes from the peer. */
    void deafen(String node, String peer) {
        Tools.run(
                "nsenter",
                "--net=/run/netns/" + namespace(node),
                "iptables",
                "-A",
                "INPUT",
                "-s",
                host(peer),
                "-j",
                "DROP");
    }

    /** Lets everything through again. */
    void heal(String node) {
        Tools.run("nsenter", "--net=/run/netns/" + namespace(node), "iptables", "-F", "INPUT");
    }

    private String bridge() {
        return "mrb" + id;
    }

    private String namespace(String node) {
        return "millrace-" + id + "-" + node;
    }
}
