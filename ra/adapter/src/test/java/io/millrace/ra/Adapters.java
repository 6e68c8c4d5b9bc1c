package io.millrace.ra;

import io.millrace.ra.configuration.SharedClients;

/** Makes adapters whose clients a test opens. */
public final class Adapters {
    private Adapters() {}

    public static MillraceResourceAdapter on(SharedClients clients) {
        return new MillraceResourceAdapter(clients);
    }
}
