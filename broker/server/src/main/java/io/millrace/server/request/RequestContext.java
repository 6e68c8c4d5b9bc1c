package io.millrace.server.request;

import io.millrace.protocol.message.RequestHeader;
import io.millrace.server.network.ClientSoftware;
import io.millrace.server.network.ServerConnection;

/** Where a request comes from. Thread-safe. */
public record RequestContext(ServerConnection connection, RequestHeader header) {

    /** Unique among the connections of this broker process. */
    public long connectionId() {
        return connection.id();
    }

    public short apiVersion() {
        return header.apiVersion();
    }

    /** Empty where the client gives none. */
    public String clientId() {
        String clientId = header.clientId();
        return clientId == null ? "" : clientId;
    }

    public ClientSoftware clientSoftware() {
        return connection.clientSoftware();
    }

    /** Runs the callback once when the connection is closed, on its event loop; at once where it is closed already. */
    public void onClose(Runnable callback) {
        connection.onClose(callback);
    }
}
