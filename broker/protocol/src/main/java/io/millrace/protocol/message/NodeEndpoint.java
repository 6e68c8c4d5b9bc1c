package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.wire.Schema;
import org.jspecify.annotations.Nullable;

/** Where a leader listens that a response names (KIP-951). */
public record NodeEndpoint(int nodeId, String host, int port, @Nullable String rack) {
    static final Schema<NodeEndpoint> SCHEMA = Schema.of(NodeEndpoint.class)
            .field("nodeId", INT32)
            .field("host", STRING)
            .field("port", INT32)
            .field("rack", NULLABLE_STRING)
            .build();
}
