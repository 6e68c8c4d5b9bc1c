package io.millrace.faults.history;

import java.util.ArrayList;
import java.util.List;

/**
 * What the clients of one destination did. Each value is sent once.
 *
 * <p>Guarded by this. Bounded: a load that would write more is stopped by the error.
 */
public final class History {
    private static final int OPERATIONS_MAX = 2_000_000;

    private final List<Send> sends = new ArrayList<>();
    private final List<Poll> polls = new ArrayList<>();
    private final List<Delivery> deliveries = new ArrayList<>();
    private final List<Acknowledgement> acknowledgements = new ArrayList<>();
    private long moment;

    public synchronized void sent(Send send) {
        checkRoom();
        sends.add(send);
    }

    public synchronized void polled(Poll poll) {
        checkRoom();
        polls.add(poll);
    }

    public synchronized void delivered(String consumer, Place place, String value, int deliveryCount) {
        checkRoom();
        deliveries.add(new Delivery(consumer, ++moment, place, value, deliveryCount));
    }

    public synchronized void acknowledged(String consumer, Place place, String value, Send.Outcome outcome) {
        checkRoom();
        acknowledgements.add(new Acknowledgement(consumer, place, value, outcome, ++moment));
    }

    public synchronized List<Send> sends() {
        return List.copyOf(sends);
    }

    public synchronized List<Poll> polls() {
        return List.copyOf(polls);
    }

    public synchronized List<Delivery> deliveries() {
        return List.copyOf(deliveries);
    }

    public synchronized List<Acknowledgement> acknowledgements() {
        return List.copyOf(acknowledgements);
    }

    public synchronized int operations() {
        return sends.size() + polls.size() + deliveries.size() + acknowledgements.size();
    }

    private void checkRoom() {
        if (operations() >= OPERATIONS_MAX) {
            throw new IllegalStateException(
                    "the history holds " + OPERATIONS_MAX + " operations, its bound; send less or for a shorter time");
        }
    }
}
