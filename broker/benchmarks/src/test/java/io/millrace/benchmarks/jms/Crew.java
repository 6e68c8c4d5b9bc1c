package io.millrace.benchmarks.jms;

import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Threads that do the same at the same time. */
final class Crew {
    private Crew() {}

    /** One member's work. */
    interface Work {
        /** @return how many messages it counts */
        long run() throws JMSException, InterruptedException;
    }

    /** Runs all of it, each in a thread of its own. Returns the sum of the counts. */
    static long run(List<? extends Work> members) throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(members.size());
        try {
            List<Future<Long>> running = new ArrayList<>();
            for (Work member : members) {
                running.add(threads.submit(member::run));
            }
            long sum = 0;
            for (Future<Long> member : running) {
                sum += member.get();
            }
            return sum;
        } catch (ExecutionException e) {
            throw new IllegalStateException("a member of the crew failed: " + e.getCause(), e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }
}
