package io.millrace.server.queue;

import static io.millrace.server.queue.DispatcherFixture.ANN;
import static io.millrace.server.queue.DispatcherFixture.BEN;
import static io.millrace.server.queue.DispatcherFixture.KEY;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.queue.ConsumerId;
import io.millrace.coordinator.queue.Settlement;
import io.millrace.coordinator.queue.Settlement.Verdict;
import io.millrace.metadata.Subscription;
import io.millrace.metadata.TopicSubscriptions;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.QueueFetchResponse.AcquiredRange;
import io.millrace.replication.PartitionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** When subscriptions of a topic begin and end at the leader of a partition, and who has them. */
class TopicDispatcherTest {
    private final DispatcherFixture logs = new DispatcherFixture();
    private final List<Subscription> abandoned = new ArrayList<>();
    private TopicSubscriptions subscriptions = TopicSubscriptions.NONE;
    private final SubscriptionSource source = new SubscriptionSource() {
        @Override
        public Optional<TopicSubscriptions> of(PartitionKey partition) {
            return Optional.of(subscriptions);
        }

        @Override
        public void onAbandoned(PartitionKey partition, Subscription subscription) {
            abandoned.add(subscription);
        }
    };

    @Test
    void aSubscriptionBeginsWhereTheLogEnds() {
        logs.data.produce("a", "b");
        subscribe(1, false, true);
        var dispatcher = lead();
        var waiting = acquire(dispatcher, "1", ANN);
        assertThat(waiting.acquired()).isNotDone();

        logs.data.produce("c");

        assertThat(rangesOf(waiting)).containsExactly(new AcquiredRange(2, 2, (short) 1));
    }

    @Test
    void inAPartitionThatWasAddedLaterItBeginsAtTheBeginning() {
        logs.data.produce("a");
        subscriptions = new TopicSubscriptions(
                1, java.util.Map.of(1L, new Subscription(1, identity(1, true), false, "", false, 0)));

        assertThat(rangesOf(acquire(lead(), "1", ANN))).containsExactly(new AcquiredRange(0, 0, (short) 1));
    }

    @Test
    void eachSubscriptionGetsEverythingAndOneThatWaitsHoldsUpNoOther() {
        subscribe(1, false, true);
        subscribe(2, true, true);
        var dispatcher = lead();
        logs.data.produce("a");
        rangesOf(acquire(dispatcher, "1", ANN));
        var waiting = acquire(dispatcher, "1", ANN);

        var other = acquire(dispatcher, "2", BEN);

        assertThat(waiting.acquired()).isNotDone();
        assertThat(rangesOf(other)).containsExactly(new AcquiredRange(0, 0, (short) 1));
        logs.data.produce("b");
        assertThat(rangesOf(waiting)).hasSize(1);
    }

    @Test
    void theNextLeaderGoesOnWithCursorsOfWhichItsMetadataHaveNotHeardYet() {
        subscribe(1, false, true);
        var dispatcher = lead();
        logs.data.produce("a", "b");
        rangesOf(acquire(dispatcher, "1", ANN));
        settle(dispatcher, "1", ANN, 0);
        TopicSubscriptions known = subscriptions;
        subscriptions = TopicSubscriptions.NONE;

        var next = failOver();
        subscriptions = known;
        next.onSubscriptions();
        logs.loop.run();

        assertThat(rangesOf(acquire(next, "1", BEN))).containsExactly(new AcquiredRange(1, 1, (short) 2));
    }

    @Test
    void oneThatHasEndedIsGoneForItsConsumersAndTheNextLeader() {
        subscribe(1, false, true);
        var dispatcher = lead();
        var waiting = acquire(dispatcher, "1", ANN);

        subscriptions = subscriptions.without(1);
        dispatcher.onSubscriptions();
        logs.loop.run();

        assertThat(waiting.acquired().getNow(null).errorCode()).isEqualTo(ErrorCode.RESOURCE_NOT_FOUND);
        assertThat(errorOf(acquire(dispatcher, "1", BEN))).isEqualTo(ErrorCode.RESOURCE_NOT_FOUND);
        assertThat(standing(dispatcher, "1")).isEmpty();
        assertThat(standing(failOver(), "1")).isEmpty();
    }

    @Test
    void oneThatIsNotSharedHasOneConsumerUntilThatIsGone() {
        subscribe(1, false, true);
        var dispatcher = lead();
        acquire(dispatcher, "1", ANN);

        assertThat(errorOf(acquire(dispatcher, "1", BEN))).isEqualTo(ErrorCode.NON_EMPTY_GROUP);
        assertThat(standing(dispatcher, "1").orElseThrow().consumers()).containsExactly(ANN.consumerId());
        var sameWithAnotherConnection = new ConsumerId(9, ANN.consumerId());
        assertThat(acquire(dispatcher, "1", sameWithAnotherConnection).acquired())
                .isNotDone();
        dispatcher.onConnectionClosed(9);
        dispatcher.detach(ANN);
        logs.loop.run();

        assertThat(acquire(dispatcher, "1", BEN).acquired()).isNotDone();
    }

    @Test
    void aSharedOneHasMany() {
        subscribe(1, true, true);
        var dispatcher = lead();
        acquire(dispatcher, "1", ANN);
        acquire(dispatcher, "1", BEN);

        assertThat(standing(dispatcher, "1").orElseThrow().consumers())
                .containsExactlyInAnyOrder(ANN.consumerId(), BEN.consumerId());
    }

    @Test
    void recordsAreNeededFromTheFirstThatASubscriptionHasNotAcknowledged() {
        logs.data.produce("a");
        var dispatcher = lead();
        assertThat(dispatcher.neededFrom()).isEqualTo(Long.MAX_VALUE);
        subscribe(1, false, true);
        subscribe(2, false, true);
        dispatcher.onSubscriptions();
        logs.loop.run();
        logs.data.produce("b", "c");
        rangesOf(acquire(dispatcher, "1", ANN));
        settle(dispatcher, "1", ANN, 1);

        assertThat(dispatcher.neededFrom()).isEqualTo(1);
        assertThat(standing(dispatcher, "1").orElseThrow().unacknowledged()).isEqualTo(1);
        assertThat(standing(dispatcher, "2").orElseThrow().unacknowledged()).isEqualTo(2);
        subscriptions = subscriptions.without(2);
        dispatcher.onSubscriptions();
        logs.loop.run();
        assertThat(dispatcher.neededFrom()).isEqualTo(2);
    }

    @Test
    void oneThatIsNotDurableIsAbandonedAWhileAfterItsLastConsumer() {
        subscribe(1, true, false);
        subscribe(2, true, true);
        var dispatcher = lead();
        acquire(dispatcher, "1", ANN);
        logs.loop.pass(200_000);
        assertThat(abandoned).isEmpty();

        dispatcher.onConnectionClosed(ANN.connectionId());
        logs.loop.pass(100_000);

        assertThat(abandoned).extracting(Subscription::number).containsOnly(1L);
    }

    private static Subscription.Identity identity(long number, boolean isDurable) {
        return new Subscription.Identity("client", "subscription-" + number, isDurable);
    }

    private void subscribe(long number, boolean isShared, boolean isDurable) {
        subscriptions =
                subscriptions.with(new Subscription(number, identity(number, isDurable), isShared, "", false, 1));
    }

    private QueueDispatcher lead() {
        var dispatchers = logs.dispatchers();
        logs.loop.run(() -> dispatchers.lead(KEY, logs.data, logs.cursorLog, 1, source));
        return dispatchers.dispatcher(KEY).orElseThrow();
    }

    private QueueDispatcher failOver() {
        logs.takeOver();
        return lead();
    }

    private PendingAcquire acquire(QueueDispatcher dispatcher, String subscription, ConsumerId consumer) {
        var pending = new PendingAcquire(consumer, subscription, 10, 1 << 20, () -> true);
        dispatcher.acquire(pending);
        logs.loop.run();
        return pending;
    }

    private static ErrorCode errorOf(PendingAcquire pending) {
        assertThat(pending.acquired()).isDone();
        return pending.acquired().getNow(null).errorCode();
    }

    private static List<AcquiredRange> rangesOf(PendingAcquire pending) {
        assertThat(pending.acquired()).isDone();
        Acquired acquired = pending.acquired().getNow(null);
        acquired.records().release();
        return acquired.ranges();
    }

    private void settle(QueueDispatcher dispatcher, String subscription, ConsumerId consumer, long offset) {
        var settled = dispatcher.settle(
                consumer.consumerId(), subscription, List.of(new Settlement(offset, offset, Verdict.ACCEPT)));
        logs.loop.run();
        assertThat(settled).isCompletedWithValue(ErrorCode.NONE);
    }

    private Optional<PartitionSubscriptions.Standing> standing(QueueDispatcher dispatcher, String subscription) {
        var standing = dispatcher.standing(subscription);
        logs.loop.run();
        return standing.join();
    }
}
