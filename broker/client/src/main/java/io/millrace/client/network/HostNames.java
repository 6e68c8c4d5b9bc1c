package io.millrace.client.network;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.concurrent.CompletableFuture;

/**
 * Looks up addresses without holding up an event loop: Java's look-up blocks, for seconds where a name server is away.
 *
 * <p>Each look-up of a name has a daemon thread of its own that ends with it. Their number is bounded by the
 * connections being opened, of which there is at most one for each broker and owner.
 */
final class HostNames {
    private static final String LOOPBACK_NAME = "localhost";

    private HostNames() {}

    static CompletableFuture<InetSocketAddress> resolve(String host, int port) {
        if (LOOPBACK_NAME.equals(host)) {
            return CompletableFuture.completedFuture(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        }
        if (NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host)) {
            return CompletableFuture.completedFuture(new InetSocketAddress(host, port));
        }
        var address = new CompletableFuture<InetSocketAddress>();
        var thread = new Thread(() -> lookUp(host, port, address), "millrace-client-lookup-" + host);
        thread.setDaemon(true);
        thread.setContextClassLoader(HostNames.class.getClassLoader());
        thread.start();
        return address;
    }

    private static void lookUp(String host, int port, CompletableFuture<InetSocketAddress> address) {
        try {
            address.complete(new InetSocketAddress(InetAddress.getByName(host), port));
        } catch (UnknownHostException e) {
            address.completeExceptionally(e);
        }
    }
}
