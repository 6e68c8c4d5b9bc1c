package io.millrace.coordinator.queue;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.EncodedRecord;
import io.millrace.coordinator.Outcome;
import io.millrace.coordinator.queue.Settlement.Verdict;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/**
 * Random deliveries, acknowledgements, failures, checkpoints and changes of leadership, of records with delays, expirations, priorities and
 * groups, compared after every step with a model that keeps the state of each offset in a map. Some consumers have selectors, for which records are looked at
 * sooner or later than for others.
 */
class CursorLogModelTest {
    private static final int STEPS = 300;
    private static final int HELD_MAX = 50;
    private static final int DEAD_MAX = HELD_MAX / 2;
    private static final List<RedeliveryPolicy> POLICIES = List.of(
            RedeliveryPolicy.AT_ONCE_FOR_EVER,
            new RedeliveryPolicy(3, 0, 1, 0, false),
            new RedeliveryPolicy(0, 300, 2, 2_000, false),
            new RedeliveryPolicy(2, 300, 2, 2_000, true));

    @Property(tries = 300)
    void aCursorDoesWhatTheModelDoes(@ForAll long seed) {
        var run = new Run(new Random(seed));

        for (int step = 0; step < STEPS; step++) {
            run.step();
        }

        run.loseTheLeader();
        run.drain();
        run.checkDeadLetters();
    }

    private record Appended(EncodedRecord encoded, boolean confirms, boolean isReservation) {}

    /** One history. The log of the test is a list; what is at its committed length and above may be lost with the leader. */
    private static final class Run {
        private final Random random;
        private final CursorModel model;
        private final DeliveryHeaders headers = new DeliveryHeaders();
        private final List<Appended> log = new ArrayList<>();
        private final List<ConsumerId> consumers = List.of(
                new ConsumerId(1, new UUID(0, 1)),
                new ConsumerId(1, new UUID(0, 2)),
                new ConsumerId(2, new UUID(0, 3)),
                new ConsumerId(2, new UUID(0, 4)),
                new ConsumerId(2, new UUID(0, 5)),
                new ConsumerId(3, new UUID(0, 6)));
        private final List<String> selectors = List.of(
                Selection.ALL,
                Selection.ALL,
                Selection.ALL,
                CursorModel.FEW,
                CursorModel.MANY,
                CursorModel.FEW); // of the consumers
        private final Map<Long, Integer> savedDeliveries = new HashMap<>();
        private int committed;
        private int trimmed;
        private long nextCheckpointId;
        private int checkpointCovers = -1;
        private int checkpointEnd;
        private long firstOwnOffset;
        private final RedeliveryPolicy policy;
        private final QueueLimits limits;
        private final Map<Long, List<DeadLetter>> deadLetters = new HashMap<>(); // by the producer, who writes once
        private final Set<Long> moved = new TreeSet<>();
        private long nextProducerId;
        private boolean isMoving;
        private PartitionCursors cursors;

        Run(Random random) {
            this.random = random;
            this.model = new CursorModel(random.nextInt(4));
            this.policy = POLICIES.get(random.nextInt(POLICIES.size()));
            this.limits = QueueLimits.of(HELD_MAX).withRedelivery(() -> policy);
            this.cursors = PartitionCursors.ofQueue(0, limits);
        }

        void step() {
            switch (random.nextInt(19)) {
                case 0, 1 -> model.append(random, random.nextInt(20));
                case 2, 3, 4 -> acquire();
                case 5, 6, 7 -> settle();
                case 8, 9 -> commit(random.nextInt(4));
                case 10 -> leave();
                case 11 -> saveDeliveries();
                case 12 -> rarely();
                case 13, 14 -> reserve();
                case 15 -> model.nowMs += random.nextInt(500);
                case 16, 17 -> moveTheDead();
                default -> takeCheckpoint();
            }
            keepUp();
            assertThat(queue().prefixEnd()).isEqualTo(model.prefixEnd());
            assertThat(queue().heldRecords()).isEqualTo(model.holders.size() + model.settling.size());
        }

        private void rarely() {
            switch (random.nextInt(3)) {
                case 0 -> loseTheLeader();
                case 1 -> trimTheData();
                default -> commit(log.size());
            }
        }

        /** As a dispatcher does before it serves anybody: what has expired is settled, what is new looked at. */
        private void keepUp() {
            queue().onTime(model.nowMs);
            settleUnwanted();
            ConsumerId consumer = anyConsumer();
            lookFor(consumer);
            if (random.nextBoolean()) {
                lookAtAll(queue().all());
            } else {
                lookOnce(queue().all());
            }
            boolean isAllSeen = queue().nextToLookAt(queue().all(), model.end) == Long.MAX_VALUE;
            if (isAllSeen && queue().heldRecords() < HELD_MAX) {
                assertThat(model.available()).noneMatch(offset -> model.isExpired(offset) && !model.isPausing(offset));
            }
        }

        private Selection lookFor(ConsumerId consumer) {
            queue().select(consumer, selectorOf(consumer));
            Selection selection = queue().selection(consumer);
            assertThat(selection.selector()).isEqualTo(selectorOf(consumer));
            lookAtAll(selection);
            return selection;
        }

        private String selectorOf(ConsumerId consumer) {
            return selectors.get(consumers.indexOf(consumer));
        }

        private void lookAtAll(Selection selection) {
            while (queue().nextToLookAt(selection, model.end) < Long.MAX_VALUE) {
                lookOnce(selection);
            }
        }

        private void lookOnce(Selection selection) {
            long next = queue().nextToLookAt(selection, model.end);
            if (next < Long.MAX_VALUE) {
                look(selection, next, Math.min(model.end, next + 1 + random.nextInt(30)));
            }
            settleUnwanted();
        }

        private void settleUnwanted() {
            noteExpiredDead();
            List<CursorRecord> unwanted = queue().takeUnwanted();
            for (long offset : offsetsOf(unwanted)) {
                assertThat(model.isExpired(offset)).isTrue();
                assertThat(model.available()).contains(offset);
                model.settling.add(offset);
            }
            unwanted.forEach(record -> append(record, true));
        }

        private void noteExpiredDead() {
            for (DeadLetter letter : queue().dead().first(HELD_MAX)) {
                if (!model.dead.contains(letter.offset())) {
                    assertThat(policy.keepsExpired()).isTrue();
                    assertThat(letter.cause()).isEqualTo(DeathCause.EXPIRED);
                    assertThat(model.isExpired(letter.offset())).isTrue();
                    assertThat(model.available()).contains(letter.offset());
                    model.onDead(letter.offset());
                }
            }
        }

        /** Begins a move, or takes the next step of the one that is under way; the dead-letter queue takes what one producer writes once. */
        private void moveTheDead() {
            queue().dead().moving().ifPresentOrElse(this::endMove, this::beginMove);
        }

        private void beginMove() {
            List<DeadLetter> letters = queue().dead().first(1 + random.nextInt(5));
            if (!isMoving && !letters.isEmpty()) {
                isMoving = true;
                append(new CursorRecord.DeadLettering(null, "DLQ.work", 0, nextProducerId++, letters), false);
            }
        }

        private void endMove(CursorRecord.DeadLettering move) {
            deadLetters.putIfAbsent(move.producerId(), move.letters());
            if (isMoving || random.nextBoolean()) {
                isMoving = false;
                append(move.moved(), true);
            }
        }

        /** Whatever is settled as dead is in the dead-letter queue, and nothing is there twice. */
        void checkDeadLetters() {
            var written = new ArrayList<Long>();
            deadLetters.values().forEach(letters -> letters.forEach(letter -> written.add(letter.offset())));
            assertThat(written).doesNotHaveDuplicates().containsAll(moved);
        }

        private void look(Selection selection, long first, long end) {
            for (long offset = first; offset < end; offset++) {
                model.describe(offset, headers);
                if (!model.matches(selection.selector(), offset)) {
                    selection.lookAtOthers(offset, offset);
                } else if (headers.isPlain(model.nowMs)) {
                    selection.lookAtPlain(offset, offset);
                } else {
                    selection.lookAt(offset, headers, model.nowMs);
                }
            }
        }

        private QueueCursor queue() {
            return cursors.cursor(null).orElseThrow();
        }

        private ConsumerId anyConsumer() {
            return consumers.get(random.nextInt(consumers.size()));
        }

        private void acquire() {
            ConsumerId consumer = anyConsumer();
            int wanted = random.nextInt(30);
            lookFor(consumer);
            long room = HELD_MAX - model.holders.size() - model.settling.size();
            List<Long> expected =
                    model.expected(consumer, selectorOf(consumer), Math.min(wanted, room), queue()::isReserved);

            List<DeliveryCount> acquired = queue().acquire(consumer, wanted, model.end);

            var offsets = new ArrayList<Long>();
            for (DeliveryCount range : acquired) {
                for (long offset = range.first(); offset <= range.last(); offset++) {
                    offsets.add(offset);
                    noteDelivery(offset, range.deliveryCount(), consumer);
                }
            }
            assertThat(offsets).isEqualTo(expected);
        }

        private void noteDelivery(long offset, int deliveryCount, ConsumerId consumer) {
            assertThat(model.confirmed).doesNotContain(offset);
            assertThat(model.isDue(offset)).isTrue();
            assertThat(model.isExpired(offset)).isFalse();
            int before = model.deliveries.getOrDefault(offset, 0);
            int saved = model.everReturned.contains(offset) ? 0 : savedDeliveries.getOrDefault(offset, 0);
            // A count that was lost with a leader starts anew, but not below what had been saved, and what was
            // delivered is never unmarked.
            boolean mustBeMarked = before > 0 && !model.everReturned.contains(offset);
            boolean mayBeMarked = model.mostDeliveries(offset) > 0 || offset < firstOwnOffset;
            assertThat(deliveryCount)
                    .isBetween(
                            Math.max(mustBeMarked ? 2 : 1, Math.min(before, saved) + 1),
                            mayBeMarked ? Math.max(1, model.mostDeliveries(offset)) + 1 : 1);
            model.deliveries.put(offset, deliveryCount);
            model.mostDeliveries.merge(offset, deliveryCount, Math::max);
            model.onAcquired(offset, consumer);
        }

        private void settle() {
            ConsumerId consumer = anyConsumer();
            List<Long> own = model.holders.entrySet().stream()
                    .filter(held -> held.getValue().equals(consumer))
                    .map(Map.Entry::getKey)
                    .sorted()
                    .toList();
            var settlements = new ArrayList<Settlement>();
            for (long offset : own) {
                if (random.nextInt(3) > 0) {
                    settlements.add(new Settlement(offset, offset, Verdict.values()[random.nextInt(4)]));
                }
            }
            boolean foreign = random.nextInt(10) == 0;
            if (foreign) {
                settlements.add(new Settlement(model.end + 7, model.end + 7, Verdict.ACCEPT));
            }

            Outcome<CursorRecord, ErrorCode> outcome =
                    queue().acknowledge(consumer.consumerId(), settlements, model.nowMs);

            if (foreign) {
                assertThat(outcome).isEqualTo(Outcome.answer(ErrorCode.INVALID_RECORD_STATE));
                return;
            }
            assertThat(outcome.answer()).isEqualTo(ErrorCode.NONE);
            settlements.forEach(this::apply);
            appendOrFail(consumer, outcome.records());
        }

        private void apply(Settlement settlement) {
            long offset = settlement.first();
            model.holders.remove(offset);
            switch (settlement.verdict()) {
                case ACCEPT -> model.settling.add(offset);
                case REJECT -> {
                    if (policy.knowsDeath()) {
                        fail(offset, true);
                    } else {
                        model.settling.add(offset);
                    }
                }
                case RETURN -> {
                    model.onGivenBack(offset);
                    model.deliveries.merge(offset, -1, Integer::sum);
                    model.everReturned.add(offset);
                }
                case RELEASE -> fail(offset, policy.isExhausted(model.deliveries.get(offset)));
            }
        }

        private void fail(long offset, boolean isHopeless) {
            boolean isRejected = isHopeless && !policy.isExhausted(model.deliveries.get(offset));
            long delayMs = isRejected ? 0 : policy.delayMs(model.deliveries.get(offset));
            if (isHopeless && model.dead.size() < DEAD_MAX) {
                model.onDead(offset);
            } else if (isHopeless || delayMs > 0) {
                model.onPaused(offset, model.nowMs + (isHopeless ? 10_000 : delayMs));
            } else {
                model.onGivenBack(offset);
            }
        }

        private void appendOrFail(ConsumerId consumer, List<CursorRecord> records) {
            if (random.nextInt(8) > 0) {
                records.forEach(settled -> append(settled, true));
                return;
            }
            boolean gone = random.nextBoolean();
            if (gone) {
                leave(consumer);
            }
            cursors.onAppendFailed(records);
            for (long offset : offsetsOf(records)) {
                model.settling.remove(offset);
                if (gone) {
                    model.onGivenBack(offset);
                } else {
                    model.holders.put(offset, consumer);
                }
            }
        }

        private void append(CursorRecord appended, boolean confirms) {
            log.add(new Appended(CursorRecordFormat.write(appended), confirms, false));
        }

        private void reserve() {
            if (random.nextInt(8) == 0) {
                queue().reserve(anyConsumer()).ifPresent(refused -> queue().onReservationFailed());
            }
            ConsumerId consumer = anyConsumer();
            lookFor(consumer);
            queue().reserve(consumer)
                    .ifPresent(reserved -> log.add(new Appended(CursorRecordFormat.write(reserved), false, true)));
        }

        private void commit(int most) {
            for (int i = 0; i < most && committed < log.size(); i++) {
                Appended appended = log.get(committed++);
                CursorRecord read = read(appended);
                cursors.commit(read);
                if (appended.isReservation()) {
                    queue().onReserved((CursorRecord.Delivered) read);
                }
                takeEffect(read);
                if (appended.confirms()) {
                    model.confirmed.addAll(offsetsOf(List.of(read)));
                }
            }
            if (checkpointCovers >= 0 && committed >= checkpointEnd) {
                trimmed = checkpointCovers;
                checkpointCovers = -1;
            }
        }

        private void takeEffect(CursorRecord read) {
            if (read instanceof CursorRecord.Acknowledged settled && settled.outcome() == AcknowledgeOutcome.DEAD) {
                moved.addAll(offsetsOf(List.of(read)));
            }
            for (long offset : offsetsOf(List.of(read))) {
                model.onAcknowledged(offset);
            }
            if (read instanceof CursorRecord.Delivered delivered) {
                for (DeliveryCount count : delivered.counts()) {
                    for (long offset = count.first(); offset <= count.last(); offset++) {
                        savedDeliveries.merge(offset, count.deliveryCount(), Math::max);
                    }
                }
                for (long offset = 0; offset < delivered.deliveredUpTo(); offset++) {
                    if (model.deliveries.getOrDefault(offset, 0) > 0) {
                        savedDeliveries.putIfAbsent(offset, 1);
                    }
                }
            }
        }

        private void leave() {
            leave(anyConsumer());
        }

        private void leave(ConsumerId consumer) {
            queue().onConsumerGone(consumer);
            for (long offset : List.copyOf(model.holders.keySet())) {
                if (consumer.equals(model.holders.get(offset))) {
                    model.holders.remove(offset);
                    loseOrKeep(offset);
                }
            }
        }

        /** Records are given back together with their neighbours, and die together where there is room. */
        private void loseOrKeep(long offset) {
            boolean isDead = queue().dead().first(HELD_MAX).stream().anyMatch(letter -> letter.offset() == offset);
            boolean isExhausted = policy.isExhaustedByLosses(model.deliveries.get(offset));
            if (isDead) {
                assertThat(isExhausted).isTrue();
                model.onDead(offset);
            } else if (isExhausted) {
                model.onPaused(offset, model.nowMs + 10_000);
            } else {
                model.onGivenBack(offset);
            }
        }

        private void saveDeliveries() {
            queue().takeUnsavedDeliveries().ifPresent(delivered -> append(delivered, false));
        }

        private void takeCheckpoint() {
            if (checkpointCovers >= 0) {
                return;
            }
            checkpointCovers = committed;
            cursors.checkpoint(nextCheckpointId++, committed).forEach(part -> append(part, false));
            checkpointEnd = log.size();
        }

        private void trimTheData() {
            if (model.prefixEnd() > model.start) {
                model.start = model.prefixEnd();
                cursors.onLogStartOffset(model.start);
            }
        }

        /** The new leader has everything committed, and any part of the rest, which is committed by it. */
        void loseTheLeader() {
            int length = committed + random.nextInt(log.size() - committed + 1);
            log.subList(length, log.size()).clear();
            checkpointCovers = -1;
            cursors = PartitionCursors.ofQueue(model.start, limits);
            firstOwnOffset = model.end;
            for (Appended appended : log.subList(trimmed, length)) {
                cursors.replay(read(appended));
            }
            for (Appended appended : log.subList(committed, length)) {
                takeEffect(read(appended));
            }
            committed = length;
            cursors.onLeading(firstOwnOffset);
            model.onLeaderLost();
            isMoving = false;
            queue().dead().first(HELD_MAX).forEach(letter -> model.onDead(letter.offset()));
            assertThat(queue().dead().first(HELD_MAX))
                    .isEqualTo(queue().dead().moving().map(this::unsettled).orElse(List.of()));
        }

        private List<DeadLetter> unsettled(CursorRecord.DeadLettering move) {
            return move.letters().stream()
                    .filter(letter -> !model.acknowledged.contains(letter.offset()))
                    .toList();
        }

        /** Two consumers take all that is left: everything that was not acknowledged and has not expired, and nothing else. */
        void drain() {
            model.nowMs += CursorModel.DISTANCE_MAX_MS;
            keepUp();
            commit(log.size());
            List<Long> left = model.available();
            left.removeIf(model::isExpired);
            var drained = new TreeSet<Long>();
            queue().onReservationFailed();
            drain(consumers.get(3), drained);
            assertThat(drained)
                    .containsExactlyElementsOf(left.stream()
                            .filter(offset -> model.matches(CursorModel.FEW, offset))
                            .toList());
            drain(consumers.get(0), drained);
            assertThat(drained).containsExactlyElementsOf(left);
            assertThat(drained).doesNotContainAnyElementsOf(model.confirmed.isEmpty() ? Set.of(-1L) : model.confirmed);
        }

        private void drain(ConsumerId consumer, Set<Long> drained) {
            queue().select(consumer, selectorOf(consumer));
            Selection selection = queue().selection(consumer);
            queue().reserve(consumer).ifPresent(queue()::onReserved);
            while (queue().firstAvailable(consumer).isPresent()
                    || queue().nextToLookAt(selection, model.end) < Long.MAX_VALUE) {
                for (DeliveryCount range : queue().acquire(consumer, 10, model.end)) {
                    for (long offset = range.first(); offset <= range.last(); offset++) {
                        assertThat(drained.add(offset)).isTrue();
                    }
                    queue().replay(CursorRecord.Acknowledged.of(
                            null, AcknowledgeOutcome.ACCEPTED, List.of(new OffsetRange(range.first(), range.last()))));
                }
                long next = queue().nextToLookAt(selection, model.end);
                if (next < Long.MAX_VALUE) {
                    look(selection, next, next + 1);
                }
                replayUnwanted();
                queue().reserve(consumer).ifPresent(queue()::onReserved);
            }
        }

        private void replayUnwanted() {
            queue().takeUnwanted().forEach(record -> queue().replay((CursorRecord.Acknowledged) record));
        }

        private static CursorRecord read(Appended appended) {
            return CursorRecordFormat.read(
                    appended.encoded().key(), appended.encoded().value());
        }

        private static List<Long> offsetsOf(List<CursorRecord> records) {
            var offsets = new ArrayList<Long>();
            for (CursorRecord cursorRecord : records) {
                if (cursorRecord instanceof CursorRecord.Acknowledged acknowledged) {
                    for (OffsetRange range : acknowledged.ranges()) {
                        for (long offset = range.first(); offset <= range.last(); offset++) {
                            offsets.add(offset);
                        }
                    }
                }
            }
            return offsets;
        }
    }
}
