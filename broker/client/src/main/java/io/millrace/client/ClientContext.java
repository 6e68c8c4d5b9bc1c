package io.millrace.client;

import io.millrace.client.network.EventLoops;
import java.time.InstantSource;

/** What the parts of one client share. */
record ClientContext(
        ClientConfiguration configuration,
        EventLoops loops,
        Backoff backoff,
        InstantSource clock,
        ClusterAccess access,
        ClusterMetadata metadata) {}
