package io.millrace.client;

import io.millrace.protocol.message.FetchTemporaryRequest.Consumed;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What an owner of temporary destinations has consumed and the broker does not know yet. Guarded by this. */
final class ConsumedTemporaries {
    /** A tenth of what a broker lets wait for one destination: senders that wait for room get it soon. */
    private static final int RECORDS_WORTH_TELLING = 1_000;

    private static final long BYTES_WORTH_TELLING = 1024 * 1024;
    private static final int DESTINATIONS_WORTH_TELLING = 10_000;

    private final Map<String, Consumed> byDestination = new LinkedHashMap<>();

    /** @return whether the broker had better know now; else it learns with the next fetch */
    synchronized boolean add(String destination, int bytes) {
        Consumed sum = byDestination.merge(
                destination,
                new Consumed(destination, 1, bytes),
                (one, other) ->
                        new Consumed(destination, one.records() + other.records(), one.bytes() + other.bytes()));
        return sum.records() == RECORDS_WORTH_TELLING
                || (sum.bytes() >= BYTES_WORTH_TELLING && sum.bytes() - bytes < BYTES_WORTH_TELLING)
                || byDestination.size() >= DESTINATIONS_WORTH_TELLING;
    }

    synchronized void forget(String destination) {
        byDestination.remove(destination);
    }

    synchronized void forgetAll() {
        byDestination.clear();
    }

    synchronized List<Consumed> take() {
        List<Consumed> taken = new ArrayList<>(byDestination.values());
        byDestination.clear();
        return taken;
    }
}
