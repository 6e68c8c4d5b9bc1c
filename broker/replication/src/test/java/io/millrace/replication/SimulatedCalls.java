package io.millrace.replication;

import java.util.Optional;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * Calls from clients and between brokers, in virtual time: they take a while, they and their answers may be lost, and some arrive a second time, long after
 * the caller has gone on.
 */
final class SimulatedCalls {
    /** After which a caller gives up waiting. A call that is not lost has arrived before. */
    static final long TIMEOUT_MS = 200;

    private static final int DELAY_MAX_MS = 8;
    private static final int LONG_DELAY_MAX_MS = 90;
    private static final int REPEATED_AFTER_MAX_MS = 1_500;

    private final SimulatedTime time;
    private final Random random;
    private double lost = 0.03;
    private double repeated = 0.1;

    SimulatedCalls(SimulatedTime time, Random random) {
        this.time = time;
        this.random = random;
    }

    /** From now on everything arrives once. */
    void heal() {
        lost = 0;
        repeated = 0;
    }

    /**
     * Calls.
     *
     * @param serve answers the call, at most once
     * @param mayRepeat whether the call may arrive again, asked when it does
     * @param onAnswer takes the answer; empty where none has come in time
     */
    <A> void call(Consumer<Consumer<A>> serve, BooleanSupplier mayRepeat, Consumer<Optional<A>> onAnswer) {
        boolean[] isOver = {false};
        if (random.nextDouble() >= lost) {
            time.after(delayMs(), () -> serve.accept(answer -> answer(answer, isOver, onAnswer)));
        }
        if (random.nextDouble() < repeated) {
            time.after(random.nextInt(REPEATED_AFTER_MAX_MS), () -> {
                if (mayRepeat.getAsBoolean()) {
                    serve.accept(ignored -> {});
                }
            });
        }
        time.after(TIMEOUT_MS, () -> take(Optional.empty(), isOver, onAnswer));
    }

    private <A> void answer(A answer, boolean[] isOver, Consumer<Optional<A>> onAnswer) {
        if (random.nextDouble() >= lost) {
            time.after(delayMs(), () -> take(Optional.of(answer), isOver, onAnswer));
        }
    }

    private static <A> void take(Optional<A> answer, boolean[] isOver, Consumer<Optional<A>> onAnswer) {
        if (!isOver[0]) {
            isOver[0] = true;
            onAnswer.accept(answer);
        }
    }

    private int delayMs() {
        return random.nextInt(random.nextInt(30) == 0 ? LONG_DELAY_MAX_MS : DELAY_MAX_MS);
    }
}
