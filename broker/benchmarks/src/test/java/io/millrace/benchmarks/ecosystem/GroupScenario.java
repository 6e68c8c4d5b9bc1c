package io.millrace.benchmarks.ecosystem;

import io.millrace.benchmarks.figures.Effort;
import io.millrace.benchmarks.figures.Measured;
import io.millrace.benchmarks.figures.Stopwatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;

/**
 * A consumer group reads a topic of 16 partitions from its beginning. The clock starts when all members have joined and know where to begin.
 *
 * <p>The topic, the same for all groups, holds more than is read: a member whose partitions have ended would wait for more.
 */
record GroupScenario(int members) implements Scenario {
    private static final String TOPIC = "read-by-groups";
    private static final int PARTITIONS = 16;
    private static final int RECORD_BYTES = 100;
    private static final long RECORDS = 4_000_000;
    private static final double SPARE = 1.25;
    /** Of records that go to one partition one after another: as many as fill a batch. */
    private static final int RUN = 145;

    private static final Duration TIME = Duration.ofSeconds(10);
    private static final Duration SETTLE_MAX = Duration.ofSeconds(20);
    private static final Duration QUIET = Duration.ofMillis(500);

    @Override
    public String name() {
        return "consumer group of " + members + (members == 1 ? " member" : " members") + ", 100 B, " + PARTITIONS
                + " partitions";
    }

    @Override
    public Measured run(Target target, Effort effort) throws InterruptedException {
        if (target.isFirst(TOPIC)) {
            fill(target, Math.max(effort.count(RECORDS), RECORDS / 20));
        }
        long wanted = effort.count(RECORDS);
        long held = target.endOffsets(TOPIC, PARTITIONS, IsolationLevel.READ_UNCOMMITTED).values().stream()
                .mapToLong(Long::longValue)
                .sum();
        String group = effort.unique("group-of-" + members);
        return read(target, group, Math.min(wanted, (long) (held / SPARE)), effort.time(TIME));
    }

    private static void fill(Target target, long records) throws InterruptedException {
        target.createTopic(TOPIC, PARTITIONS);
        var values = new Values(RECORD_BYTES);
        var acknowledgements = new Acknowledgements();
        long sent = 0;
        try (var producer = target.producer(Map.of("linger.ms", "200"))) {
            for (; sent < records * SPARE; sent++) {
                int partition = (int) (sent / RUN % PARTITIONS);
                producer.send(new ProducerRecord<>(TOPIC, partition, null, values.next(sent)), acknowledgements);
            }
        }
        acknowledgements.check(sent);
        target.checkRecords(TOPIC, PARTITIONS, sent);
    }

    /** What all members have read, and when it was enough. */
    private static final class Count implements GroupMember.Tally {
        private final AtomicLong read = new AtomicLong();
        private final CountDownLatch isEnough = new CountDownLatch(1);
        private final long wanted;
        private volatile long endNanos;

        Count(long wanted) {
            this.wanted = wanted;
        }

        @Override
        public void add(int records) {
            long before = read.getAndAdd(records);
            if (before < wanted && before + records >= wanted) {
                endNanos = System.nanoTime();
                isEnough.countDown();
            }
        }
    }

    private Measured read(Target target, String group, long wanted, Duration time) throws InterruptedException {
        var ownership = new Ownership(PARTITIONS);
        var count = new Count(wanted);
        List<GroupMember> joined = new ArrayList<>();
        try {
            for (int i = 0; i < members; i++) {
                joined.add(new GroupMember(i, target.consumer(Map.of("group.id", group)), ownership, count));
            }
            ownership.expect(IntStream.range(0, members).boxed().collect(Collectors.toSet()));
            joined.forEach(member -> member.join(TOPIC));
            ownership.awaitSettled(QUIET, SETTLE_MAX);
            target.checkGroup(group, members, PARTITIONS);
            for (GroupMember member : joined) {
                member.prepare();
            }
            for (GroupMember member : joined) {
                if (!member.awaitPrepared(SETTLE_MAX)) {
                    ownership.checkNothingFailed();
                    throw new IllegalStateException("a member does not know where to begin after " + SETTLE_MAX);
                }
            }
            long changes = ownership.changes();
            Stopwatch watch = target.start();
            joined.forEach(GroupMember::read);
            boolean isEnough = count.isEnough.await(time.toNanos(), TimeUnit.NANOSECONDS);
            Stopwatch.Span span = isEnough ? watch.stopAt(count.endNanos) : watch.stop();
            long read = isEnough ? Math.max(wanted, 1) : count.read.get();
            ownership.checkNothingFailed();
            if (ownership.changes() != changes) {
                throw new IllegalStateException("the group rebalanced while it read");
            }
            return new Measured(
                    List.of(Measured.Figure.rate("rec/s", span.perSecond(read))), span.cpuSecondsPerMillion(read));
        } finally {
            end(joined);
        }
    }

    private static void end(List<GroupMember> joined) throws InterruptedException {
        joined.forEach(GroupMember::leave);
        for (GroupMember member : joined) {
            member.awaitEnd();
        }
    }
}
