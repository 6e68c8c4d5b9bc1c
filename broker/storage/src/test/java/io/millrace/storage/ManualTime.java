package io.millrace.storage;

import java.time.Instant;
import java.time.InstantSource;

/** A clock that a test moves. */
public final class ManualTime implements InstantSource {

    private long nowMs;

    public ManualTime(long nowMs) {
        this.nowMs = nowMs;
    }

    public void advance(long ms) {
        nowMs += ms;
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(nowMs);
    }
}
