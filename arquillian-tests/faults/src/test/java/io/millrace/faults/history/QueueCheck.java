package io.millrace.faults.history;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toSet;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** The rules of a queue's history that went on until no message came any more. */
public final class QueueCheck {
    private final History history;
    private final List<Anomaly> found = new ArrayList<>();

    private QueueCheck(History history) {
        this.history = history;
    }

    public static List<Anomaly> anomalies(History history) {
        var check = new QueueCheck(history);
        check.found.addAll(Observations.of(history).anomalies());
        check.found.addAll(TopicCheck.SendOrder.anomalies(history));
        check.checkEveryMessageIsDone();
        check.checkConfirmed();
        check.checkDeliveryCounts();
        return List.copyOf(check.found);
    }

    /** The values whose end is not known to be good: what a drain has to wait for. */
    public static List<String> open(History history) {
        // An acknowledgement whose answer was lost may be in force: then the message never comes again.
        Set<String> done =
                history.acknowledgements().stream().map(Acknowledgement::value).collect(toSet());
        return history.sends().stream()
                .filter(Send::isAcknowledged)
                .map(Send::value)
                .filter(value -> !done.contains(value))
                .toList();
    }

    private void checkEveryMessageIsDone() {
        open(history).forEach(value -> found.add(new Anomaly(AnomalyKind.LOST_MESSAGE, value)));
    }

    private void checkConfirmed() {
        Map<Place, List<Delivery>> deliveries = history.deliveries().stream().collect(groupingBy(Delivery::place));
        var confirmed = new TreeMap<Place, Acknowledgement>();
        for (Acknowledgement acknowledgement : history.acknowledgements()) {
            if (!acknowledgement.isConfirmed()) {
                continue;
            }
            Acknowledgement first = confirmed.putIfAbsent(acknowledgement.place(), acknowledgement);
            if (first != null) {
                found.add(new Anomaly(
                        AnomalyKind.ACKNOWLEDGED_TWICE,
                        describe(acknowledgement) + " by " + first.consumer() + " and " + acknowledgement.consumer()));
            } else {
                deliveries.getOrDefault(acknowledgement.place(), List.of()).stream()
                        .filter(delivery -> delivery.moment() > acknowledgement.completed())
                        .forEach(delivery -> onLateDelivery(acknowledgement, delivery));
            }
        }
    }

    private void onLateDelivery(Acknowledgement acknowledgement, Delivery delivery) {
        boolean isSame = acknowledgement.consumer().equals(delivery.consumer());
        found.add(new Anomaly(
                isSame ? AnomalyKind.ACKNOWLEDGED_THEN_REDELIVERED : AnomalyKind.DELIVERED_AFTER_ACKNOWLEDGEMENT,
                describe(acknowledgement) + " confirmed to " + acknowledgement.consumer() + ", delivered to "
                        + delivery.consumer() + " with count " + delivery.deliveryCount()));
    }

    private void checkDeliveryCounts() {
        history.deliveries().stream().collect(groupingBy(Delivery::place)).forEach((place, deliveries) -> {
            for (int i = 1; i < deliveries.size(); i++) {
                int before = deliveries.get(i - 1).deliveryCount();
                int after = deliveries.get(i).deliveryCount();
                if (after < 2 || after < before) {
                    found.add(new Anomaly(
                            AnomalyKind.DELIVERY_COUNT_NOT_MONOTONE,
                            deliveries.get(i).value() + " at " + place + ": " + after + " after " + before));
                }
            }
        });
    }

    private static String describe(Acknowledgement acknowledgement) {
        return acknowledgement.value() + " at " + acknowledgement.place();
    }
}
