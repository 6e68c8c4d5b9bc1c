package io.millrace.ra.inbound;

import java.time.Duration;

/** Runs something short later, on the activation's supervisor thread; forgets it when the activation ends. */
interface DelayTimer {
    void after(Duration pause, Runnable action);
}
