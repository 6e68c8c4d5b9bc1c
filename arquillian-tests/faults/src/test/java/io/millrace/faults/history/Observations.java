package io.millrace.faults.history;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** Which value was seen where, by whomever: by producers in their acknowledgements and by all who read. */
final class Observations {
    private final TreeMap<Place, TreeSet<String>> valuesAt = new TreeMap<>();
    private final Map<String, TreeSet<Place>> placesOf = new HashMap<>();

    static Observations of(History history) {
        var seen = new Observations();
        history.sends().stream().filter(Send::isAcknowledged).forEach(send -> seen.add(send.place(), send.value()));
        history.polls().forEach(poll -> seen.add(poll.place(), poll.value()));
        history.deliveries().forEach(delivery -> seen.add(delivery.place(), delivery.value()));
        return seen;
    }

    private void add(Place place, String value) {
        valuesAt.computeIfAbsent(place, key -> new TreeSet<>()).add(value);
        placesOf.computeIfAbsent(value, key -> new TreeSet<>()).add(place);
    }

    /** The places of which somebody knows that there is a record, between these two, both excluded. */
    Collection<Place> between(Place before, Place after) {
        return valuesAt.subMap(before, false, after, false).keySet();
    }

    List<Anomaly> anomalies() {
        var found = new ArrayList<Anomaly>();
        valuesAt.forEach((place, values) -> {
            if (values.size() > 1) {
                found.add(new Anomaly(AnomalyKind.INCONSISTENT_OFFSETS, place + " holds " + values));
            }
        });
        new TreeMap<>(placesOf).forEach((value, places) -> {
            if (places.size() > 1) {
                found.add(new Anomaly(AnomalyKind.DUPLICATE, value + " is at " + places));
            }
        });
        return found;
    }
}
