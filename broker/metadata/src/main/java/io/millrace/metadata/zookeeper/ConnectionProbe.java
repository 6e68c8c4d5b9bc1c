package io.millrace.metadata.zookeeper;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.apache.zookeeper.client.ConnectStringParser;
import org.apache.zookeeper.client.ZKClientConfig;
import org.apache.zookeeper.common.ClientX509Util;
import org.apache.zookeeper.common.X509Exception.SSLContextException;

/**
 * Finds out why no session comes about, which ZooKeeper's client does not tell: tries to reach each server once, by TLS where that is wanted.
 *
 * <p>Each server is tried on a thread of its own; all together take at most {@value #ALL_MAX_MS} ms.
 */
final class ConnectionProbe {
    static final int ALL_MAX_MS = 3_000;

    private static final int CONNECT_MAX_MS = 1_000;
    private static final int ANSWER_MAX_MS = 1_500;
    private static final int SERVERS_MAX = 9;

    private final String servers;
    private final boolean isEncrypted;
    private final ZKClientConfig settings;

    ConnectionProbe(String servers, boolean isEncrypted, ZKClientConfig settings) {
        this.servers = servers;
        this.isEncrypted = isEncrypted;
        this.settings = settings;
    }

    /** In words what each server did; never fails. */
    CompletableFuture<String> run() {
        var findings = new ArrayList<CompletableFuture<String>>();
        List<InetSocketAddress> addresses = new ConnectStringParser(servers).getServerAddresses();
        for (InetSocketAddress address : addresses.subList(0, Math.min(SERVERS_MAX, addresses.size()))) {
            String name = address.getHostString() + ":" + address.getPort();
            var finding = new CompletableFuture<String>();
            var thread = new Thread(() -> finding.complete(name + " " + tried(address)), "millrace-zookeeper-probe");
            thread.setDaemon(true);
            thread.start();
            findings.add(finding.completeOnTimeout(name + " does not answer", ALL_MAX_MS, TimeUnit.MILLISECONDS));
        }
        return CompletableFuture.allOf(findings.toArray(CompletableFuture[]::new))
                .thenApply(all -> String.join(
                        "; ", findings.stream().map(CompletableFuture::join).toList()));
    }

    private String tried(InetSocketAddress address) {
        // The parser leaves names unresolved.
        var resolved = new InetSocketAddress(address.getHostString(), address.getPort());
        try (var socket = new Socket()) {
            if (resolved.isUnresolved()) {
                throw new UnknownHostException(address.getHostString());
            }
            socket.connect(resolved, CONNECT_MAX_MS);
            socket.setSoTimeout(ANSWER_MAX_MS);
            return isEncrypted
                    ? handshake(socket, address)
                    : "accepts connections but opens no session: it may be without a"
                            + " quorum, or want TLS (zookeeper.ssl.client.enable)";
        } catch (UnknownHostException e) {
            return "has a name that is not known here";
        } catch (IOException e) {
            return "cannot be reached (" + e.getMessage() + ")";
        }
    }

    private String handshake(Socket connected, InetSocketAddress address) throws IOException {
        try (var names = new ClientX509Util()) {
            var context = names.createSSLContext(settings);
            try (var socket = (SSLSocket) context.getSocketFactory()
                    .createSocket(connected, address.getHostString(), address.getPort(), true)) {
                if (names.isServerHostnameVerificationEnabled(settings)) {
                    var parameters = socket.getSSLParameters();
                    parameters.setEndpointIdentificationAlgorithm("HTTPS");
                    socket.setSSLParameters(parameters);
                }
                socket.startHandshake();
                return "speaks TLS but opens no session: it may be without a quorum, or refuse this broker's certificate"
                        + " (zookeeper.ssl.keystore.location)";
            }
        } catch (SSLException e) {
            return "does not agree on TLS (" + e.getMessage()
                    + "): check zookeeper.ssl.truststore.location, the names in its"
                    + " certificate, and that this is its port for TLS";
        } catch (SSLContextException e) {
            return "cannot be tried: " + e.getMessage();
        }
    }
}
