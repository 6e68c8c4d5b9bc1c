package io.millrace.replication;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/** Virtual time: events happen one after the other on the calling thread, in an order that the seed decides. */
final class SimulatedTime implements InstantSource {
    private record Event(long atMs, long number, Runnable task) {}

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::atMs).thenComparingLong(Event::number));
    private final Random random;
    private long nowMs = 1_000_000;
    private long eventsMade;
    private Runnable afterEvent = () -> {};

    SimulatedTime(Random random) {
        this.random = random;
    }

    long nowMs() {
        return nowMs;
    }

    @Override
    public Instant instant() {
        return Instant.ofEpochMilli(nowMs);
    }

    void after(long delayMs, Runnable task) {
        events.add(new Event(nowMs + delayMs, eventsMade++, task));
    }

    /** What runs after every event from now on. */
    void afterEvent(Runnable check) {
        afterEvent = check;
    }

    /** Runs what happens until then, or until something is so. */
    boolean runUntil(long untilMs, BooleanSupplier done) {
        while (!events.isEmpty() && events.peek().atMs <= untilMs) {
            if (done.getAsBoolean()) {
                return true;
            }
            Event next = events.poll();
            nowMs = next.atMs;
            next.task.run();
            afterEvent.run();
        }
        nowMs = Math.max(nowMs, untilMs);
        return done.getAsBoolean();
    }

    /** One task after the other, each begun a while after it was given, as long as the process lives. */
    Executor newWorker(Process process, int delayMaxMs) {
        long[] last = {0};
        return task -> {
            long at = Math.max(Math.max(last[0], process.pausedUntilMs), nowMs + random.nextInt(delayMaxMs));
            last[0] = at;
            after(at - nowMs, () -> {
                if (!process.dead) {
                    task.run();
                }
            });
        };
    }

    /** A loop whose turns come after small random delays, that can be paused, and that dies with its process. */
    Loop newLoop(Process process) {
        return new SimulatedLoop(process);
    }

    /** What a kill ends and a stop signal holds up. */
    static final class Process {
        private boolean dead;
        private long pausedUntilMs;

        void kill() {
            dead = true;
        }

        boolean isDead() {
            return dead;
        }

        void pauseUntil(long untilMs) {
            pausedUntilMs = untilMs;
        }
    }

    private final class SimulatedLoop implements Loop {
        private final Process process;
        private final Deque<Runnable> arrived = new ArrayDeque<>();
        private final Deque<Runnable> endOfRound = new ArrayDeque<>();
        private boolean turnIsComing;
        private boolean current;

        SimulatedLoop(Process process) {
            this.process = process;
        }

        @Override
        public boolean isCurrent() {
            return current;
        }

        @Override
        public long nowMs() {
            return nowMs;
        }

        @Override
        public void execute(Runnable task) {
            arrived.add(task);
            turnSoon();
        }

        @Override
        public void atEndOfRound(Runnable task) {
            endOfRound.add(task);
            turnSoon();
        }

        private void turnSoon() {
            if (!turnIsComing && !process.dead) {
                turnIsComing = true;
                after(random.nextInt(8) == 0 ? 1 : 0, this::turn);
            }
        }

        private void turn() {
            if (process.dead) {
                return;
            }
            if (process.pausedUntilMs > nowMs) {
                after(process.pausedUntilMs - nowMs, this::turn);
                return;
            }
            turnIsComing = false;
            run(arrived);
            run(endOfRound);
            if (!arrived.isEmpty() || !endOfRound.isEmpty()) {
                turnSoon();
            }
        }

        private void run(Deque<Runnable> tasks) {
            for (int count = tasks.size(); count > 0 && !process.dead; count--) {
                current = true;
                try {
                    tasks.poll().run();
                } finally {
                    current = false;
                }
            }
        }

        @Override
        public Cancellable schedule(long delayMs, Runnable task) {
            boolean[] cancelled = {false};
            after(delayMs, () -> {
                if (!cancelled[0] && !process.dead) {
                    execute(task);
                }
            });
            return () -> cancelled[0] = true;
        }
    }
}
