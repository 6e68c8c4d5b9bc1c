package io.millrace.faults.history;

import static java.util.Comparator.comparingLong;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toSet;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The rules of a topic's history whose consumers read assigned partitions, and whose end was read once more as a whole. */
public final class TopicCheck {
    private final History history;
    private final Observations seen;
    private final List<Anomaly> found = new ArrayList<>();

    private TopicCheck(History history) {
        this.history = history;
        this.seen = Observations.of(history);
    }

    public static List<Anomaly> anomalies(History history) {
        var check = new TopicCheck(history);
        check.found.addAll(check.seen.anomalies());
        check.checkReads();
        check.found.addAll(SendOrder.anomalies(history));
        check.checkPolls();
        return List.copyOf(check.found);
    }

    private void checkReads() {
        Set<String> read = history.polls().stream().map(Poll::value).collect(toSet());
        Map<Integer, Long> highest = new HashMap<>();
        history.polls()
                .forEach(poll ->
                        highest.merge(poll.place().partition(), poll.place().offset(), Math::max));
        for (Send send : history.sends()) {
            if (send.isAcknowledged() && !read.contains(send.value())) {
                boolean isBelow = send.offset() <= highest.getOrDefault(send.partition(), -1L);
                AnomalyKind kind = isBelow ? AnomalyKind.LOST_WRITE : AnomalyKind.UNSEEN;
                found.add(new Anomaly(kind, send.value() + ", acknowledged at " + send.place()));
            }
            if (send.outcome() == Send.Outcome.REFUSED && read.contains(send.value())) {
                found.add(new Anomaly(AnomalyKind.REFUSED_YET_READ, send.value()));
            }
        }
    }

    private void checkPolls() {
        history.polls().stream()
                .collect(groupingBy(
                        poll -> poll.consumer() + " of " + poll.place().partition()))
                .forEach(this::checkPolls);
    }

    private void checkPolls(String consumer, List<Poll> polls) {
        for (int i = 1; i < polls.size(); i++) {
            Place before = polls.get(i - 1).place();
            Place after = polls.get(i).place();
            if (after.offset() <= before.offset()) {
                found.add(new Anomaly(AnomalyKind.NONMONOTONIC_POLL, consumer + ": " + after + " after " + before));
            } else if (!seen.between(before, after).isEmpty()) {
                found.add(new Anomaly(
                        AnomalyKind.POLL_SKIP,
                        consumer + ": " + after + " after " + before + ", not " + seen.between(before, after)));
            }
        }
    }

    /** The order of one producer's records in one partition, for topics and queues. */
    static final class SendOrder {
        private SendOrder() {}

        static List<Anomaly> anomalies(History history) {
            var found = new ArrayList<Anomaly>();
            history.sends().stream()
                    .filter(Send::isAcknowledged)
                    .sorted(comparingLong(Send::number))
                    .collect(groupingBy(send -> send.producer() + " in " + send.partition()))
                    .values()
                    .forEach(sends -> check(sends, found));
            return found;
        }

        private static void check(List<Send> sends, List<Anomaly> found) {
            for (int i = 1; i < sends.size(); i++) {
                Send before = sends.get(i - 1);
                Send after = sends.get(i);
                if (after.offset() <= before.offset()) {
                    found.add(new Anomaly(
                            AnomalyKind.NONMONOTONIC_SEND,
                            after.value() + " at " + after.place() + " after " + before.value() + " at "
                                    + before.place()));
                }
            }
        }
    }
}
