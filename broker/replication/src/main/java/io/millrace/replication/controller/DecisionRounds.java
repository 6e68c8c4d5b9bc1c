package io.millrace.replication.controller;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.ControllerSession;
import io.millrace.metadata.FencedException;
import io.millrace.metadata.SupersededRegistrationException;
import io.millrace.protocol.ErrorCode;
import io.millrace.replication.Loop;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.Function;

/**
 * A controller's decisions on their way to the metadata. All that have arrived are drafted one after the other, committed together, and only
 * then become true in memory and are answered. Decisions that arrive meanwhile wait for the next round.
 *
 * <p>Owned by the controller's loop. One round is under way at a time.
 *
 * <pre>
 * waiting --end of the loop's round--> drafted --committed--> true in memory, answered
 *    ^ ^                                 |  | refused, alone, or failed: the decision is refused
 *    | +--another one failed-------------+  |
 *    +--refused, among several-----------+  | fenced: all are refused, and the controller is relieved
 *       (then tried one by one)             +--> ended
 * </pre>
 *
 * <p>What is committed after the end is answered all the same: it would be refused where it is asked for again, since it is there.
 */
final class DecisionRounds {
    /** Bound on what waits for a round; more is refused. */
    static final int WAITING_MAX = 100_000;

    private static final System.Logger LOGGER = System.getLogger(DecisionRounds.class.getName());
    private static final int ROUND_MAX = 10_000;
    /** How long to wait for the registration that a refused write did not know of, before the write is tried again all the same. */
    private static final long SUPERSEDED_PAUSE_MS = 50;
    /** Then the picture of who is registered must be wrong: whoever is elected next reads it anew. */
    private static final int SUPERSEDED_MAX = 100;

    /** Something to decide, and whom to tell when the decision is committed or impossible. */
    private record Decision(Function<Draft, Runnable> decide, Refusal refuse) {
        void refuseAsNoController() {
            refuse.because(ErrorCode.NOT_CONTROLLER, "this broker is not the controller");
        }
    }

    /** Whom to tell that a decision was not made. */
    @FunctionalInterface
    interface Refusal {
        void because(ErrorCode errorCode, String why);
    }

    private final ControllerSession session;
    private final Loop loop;
    private final Runnable onFenced;
    private final Deque<Decision> waiting = new ArrayDeque<>();

    private ClusterImage committed;
    private boolean committing;
    private boolean roundIsComing;
    private int roundMax = ROUND_MAX;
    /** Writes in a row that were refused because a broker had registered anew. */
    private int superseded;

    private boolean awaitsRegistrations;
    private boolean ended;

    /** @param onFenced runs once, when another controller has been elected */
    DecisionRounds(ControllerSession session, ClusterImage loaded, Loop loop, Runnable onFenced) {
        this.session = session;
        this.committed = loaded;
        this.loop = loop;
        this.onFenced = onFenced;
    }

    /** The cluster as it was committed last. */
    ClusterImage committed() {
        return committed;
    }

    boolean hasEnded() {
        return ended;
    }

    /** Takes over who is registered, which is not for the controller to decide. */
    void onBrokers(Map<Integer, BrokerRegistration> brokers) {
        committed = committed.withBrokers(brokers);
        awaitsRegistrations = false;
        if (!waiting.isEmpty()) {
            roundSoon();
        }
    }

    /** Decides in the next round what nobody waits for. */
    void decide(Function<Draft, Runnable> decision) {
        decide(decision, (errorCode, why) -> {});
    }

    /**
     * Decides in the next round.
     *
     * @param decision changes the draft and returns what is to be done when that is committed; asked again, with another draft, when the round
     *     could not be written
     */
    void decide(Function<Draft, Runnable> decision, Refusal refusal) {
        var arrived = new Decision(decision, refusal);
        if (ended) {
            arrived.refuseAsNoController();
        } else if (waiting.size() >= WAITING_MAX) {
            refusal.because(ErrorCode.REQUEST_TIMED_OUT, "the controller has " + WAITING_MAX + " decisions waiting");
        } else {
            waiting.add(arrived);
            roundSoon();
        }
    }

    private void roundSoon() {
        if (!committing && !roundIsComing && !awaitsRegistrations) {
            roundIsComing = true;
            loop.atEndOfRound(this::round);
        }
    }

    private void round() {
        roundIsComing = false;
        if (ended || committing || waiting.isEmpty()) {
            return;
        }
        var draft = new Draft(committed);
        var decided = new ArrayList<Decision>();
        var answers = new ArrayList<Runnable>();
        while (decided.size() < roundMax && !waiting.isEmpty()) {
            Decision next = waiting.poll();
            Optional<Runnable> answer = made(next, draft);
            if (answer.isEmpty()) {
                // It may have changed a part of the draft; the others are asked again, with a new one.
                putBack(decided);
                roundSoon();
                return;
            }
            decided.add(next);
            answers.add(answer.get());
        }
        committing = true;
        var changes = draft.changes();
        if (changes.isEmpty()) {
            onCommitted(draft, answers);
            return;
        }
        session.commit(changes, draft.trusted())
                .whenComplete((done, failure) -> loop.runOrExecute(() -> {
                    if (failure == null) {
                        onCommitted(draft, answers);
                    } else if (ended) {
                        decided.forEach(Decision::refuseAsNoController);
                    } else {
                        onFailed(decided, failure);
                    }
                }));
    }

    /** Empty when the decision has failed and is refused. */
    @SuppressWarnings("checkstyle:IllegalCatch") // a defect in one decision must not leave the others unanswered
    private Optional<Runnable> made(Decision decision, Draft draft) {
        try {
            return Optional.of(decision.decide.apply(draft));
        } catch (RuntimeException e) {
            LOGGER.log(Level.ERROR, () -> "A decision of controller " + session.controllerEpoch() + " failed", e);
            decision.refuse.because(
                    ErrorCode.UNKNOWN_SERVER_ERROR, "the decision failed; the log of the controller says why");
            return Optional.empty();
        }
    }

    private void onCommitted(Draft draft, List<Runnable> answers) {
        committing = false;
        committed = draft.image().withBrokers(committed.brokers());
        roundMax = ROUND_MAX;
        superseded = 0;
        answers.forEach(Runnable::run);
        if (!ended && !waiting.isEmpty()) {
            roundSoon();
        }
    }

    private void onFailed(List<Decision> decided, Throwable failure) {
        committing = false;
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        boolean isSuperseded = cause instanceof SupersededRegistrationException;
        if (cause instanceof FencedException || (isSuperseded && superseded >= SUPERSEDED_MAX)) {
            LOGGER.log(
                    Level.INFO,
                    () -> "Controller " + session.controllerEpoch() + " is relieved: " + cause.getMessage());
            decided.forEach(Decision::refuseAsNoController);
            end();
            onFenced.run();
            return;
        }
        if (isSuperseded) {
            decideAgain(decided, cause);
            return;
        }
        if (decided.size() > 1) {
            // One of them cannot be written; alone, each shows whether it is the one.
            roundMax = 1;
            putBack(decided);
        } else {
            LOGGER.log(
                    Level.WARNING,
                    () -> "A decision of controller " + session.controllerEpoch() + " was refused: "
                            + cause.getMessage());
            decided.forEach(
                    each -> each.refuse.because(ErrorCode.POLICY_VIOLATION, String.valueOf(cause.getMessage())));
        }
        roundSoon();
    }

    /** A broker has started anew. What it holds may not be what it was, so it may have to be decided otherwise, once that is known here. */
    private void decideAgain(List<Decision> decided, Throwable cause) {
        LOGGER.log(
                Level.INFO, () -> "Controller " + session.controllerEpoch() + " decides anew: " + cause.getMessage());
        superseded++;
        putBack(decided);
        awaitsRegistrations = true;
        loop.schedule(SUPERSEDED_PAUSE_MS, () -> {
            awaitsRegistrations = false;
            if (!ended && !waiting.isEmpty()) {
                roundSoon();
            }
        });
    }

    private void putBack(List<Decision> decided) {
        for (int i = decided.size() - 1; i >= 0; i--) {
            waiting.addFirst(decided.get(i));
        }
    }

    /** Decides no more: whoever waits is sent to the next controller. */
    void end() {
        if (!ended) {
            ended = true;
            waiting.forEach(Decision::refuseAsNoController);
            waiting.clear();
        }
    }
}
