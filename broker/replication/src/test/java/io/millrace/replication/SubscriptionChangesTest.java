package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.PartitionState;
import io.millrace.metadata.Subscription;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.replication.controller.NewSubscription;
import io.millrace.replication.controller.SubscriptionResult;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of a topic that gets subscriptions, and who may have which. */
@Timeout(60)
class SubscriptionChangesTest {
    private static final Subscription.Identity AUDIT = new Subscription.Identity("shop", "audit", true);

    private final QuietCluster cluster = new QuietCluster(42, 3);

    @Test
    void theFirstSubscriptionGivesEachReplicaACursorLogInANewLeaderEpoch() {
        PartitionState before = createTopic("prices").partitions().get(0);
        cluster.sendForEver("prices", "early-");

        Subscription created = created(wanted("prices", AUDIT, ""));

        TopicImage after = cluster.topic("prices");
        assertThat(after.subscriptions().byNumber().values()).containsExactly(created);
        assertThat(created.firstPartitions()).isEqualTo(1);
        assertThat(after.partitions().get(0).leaderEpoch()).isEqualTo(before.leaderEpoch() + 1);
        assertThat(after.partitions().get(0).leaderId()).isEqualTo(before.leaderId());
        var key = new PartitionKey(after.topicId(), 0);
        cluster.await(() -> List.of(1, 2, 3).stream().allMatch(id -> cluster.broker(id)
                .replicas()
                .partition(key)
                .filter(replica -> replica.logKinds().equals(Set.of(LogKind.DATA, LogKind.CURSOR)))
                .isPresent()));
        int acknowledged = cluster.acknowledged().size();
        cluster.await(() -> cluster.acknowledged().size() > acknowledged + 10);
    }

    @Test
    void aSecondSubscriptionLeavesTheLeaders() {
        createTopic("prices");
        created(wanted("prices", AUDIT, ""));
        PartitionState before = cluster.state("prices");

        created(wanted("prices", new Subscription.Identity("", "shared", true), ""));

        assertThat(cluster.topic("prices").subscriptions().byNumber()).hasSize(2);
        assertThat(cluster.state("prices")).isEqualTo(before);
    }

    @Test
    void aReplicaThatWasDownGetsItsCursorLogWhenItComesBack() {
        createTopic("prices");
        cluster.crash(3);

        created(wanted("prices", AUDIT, ""));
        cluster.start(3);

        var key = new PartitionKey(cluster.topic("prices").topicId(), 0);
        cluster.await(() -> cluster.broker(3)
                .replicas()
                .partition(key)
                .filter(Partition::hasCursors)
                .isPresent());
        cluster.awaitTopic(
                "prices", topic -> topic.partitions().get(0).inSyncReplicas().size() == 3);
    }

    @Test
    void theSameOneIsFoundAgain() {
        createTopic("prices");
        Subscription first = created(wanted("prices", AUDIT, "price > 5"));

        assertThat(created(wanted("prices", AUDIT, "price > 5"))).isEqualTo(first);
    }

    @Test
    void anotherSelectorKeepsTheSubscriptionAndAnotherTopicBeginsANewOne() {
        createTopic("prices");
        createTopic("orders");
        Subscription first = created(wanted("prices", AUDIT, ""));

        SubscriptionResult refused = create(wanted("prices", AUDIT, "price > 5"));
        Subscription selecting = created(replacing("prices", "price > 5"));
        Subscription moved = created(replacing("orders", ""));

        assertThat(refused.errorCode()).isEqualTo(ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC);
        assertThat(refused.message()).contains("audit", "prices");
        assertThat(selecting).isEqualTo(first.selecting("price > 5", false));
        assertThat(moved.number()).isEqualTo(1);
        assertThat(cluster.topic("prices").subscriptions().byNumber()).isEmpty();
        assertThat(cluster.topic("prices").hasCursors()).isTrue();
        assertThat(cluster.topic("orders").subscriptions().byNumber().values()).containsExactly(moved);
    }

    @Test
    void aSharedAndAnUnsharedOneCannotBeCalledTheSame() {
        createTopic("prices");
        created(wanted("prices", AUDIT, ""));

        var shared = create(new NewSubscription("prices", AUDIT, true, "", false, true));

        assertThat(shared.errorCode()).isEqualTo(ErrorCode.DUPLICATE_RESOURCE);
    }

    @Test
    void queuesAndTopicsThatAreNotThereHaveNone() {
        cluster.create("orders", List.of(List.of(1, 2, 3)), Map.of("destination.kind", "queue"));

        assertThat(create(wanted("orders", AUDIT, "")).errorCode()).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(create(wanted("nothing", AUDIT, "")).errorCode()).isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    }

    @Test
    void oneThatIsDeletedIsGoneOnce() {
        createTopic("prices");
        Subscription created = created(wanted("prices", AUDIT, ""));

        SubscriptionResult deleted = delete(created.number());
        SubscriptionResult again = delete(created.number());
        Subscription next = created(wanted("prices", AUDIT, ""));

        assertThat(deleted.errorCode()).isEqualTo(ErrorCode.NONE);
        assertThat(again.errorCode()).isEqualTo(ErrorCode.RESOURCE_NOT_FOUND);
        assertThat(next.number()).isEqualTo(created.number() + 1);
        assertThat(cluster.topic("prices").subscriptions().byNumber().values()).containsExactly(next);
    }

    private SubscriptionResult delete(long number) {
        UUID topicId = cluster.topic("prices").topicId();
        return cluster.await(cluster.controller().orElseThrow().deleteSubscription(topicId, number));
    }

    private TopicImage createTopic(String name) {
        return cluster.create(name, List.of(List.of(1, 2, 3)), Map.of());
    }

    private static NewSubscription wanted(String topic, Subscription.Identity identity, String selector) {
        return new NewSubscription(topic, identity, identity.clientId().isEmpty(), selector, false, false);
    }

    private static NewSubscription replacing(String topic, String selector) {
        return new NewSubscription(topic, AUDIT, false, selector, false, true);
    }

    private SubscriptionResult create(NewSubscription wanted) {
        cluster.await(() -> cluster.controller().isPresent());
        return cluster.await(cluster.controller().orElseThrow().createSubscription(wanted));
    }

    private Subscription created(NewSubscription wanted) {
        SubscriptionResult result = create(wanted);
        assertThat(result.errorCode()).as(result.message()).isEqualTo(ErrorCode.NONE);
        return result.subscription().orElseThrow();
    }
}
