package io.millrace.replication.controller;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.BrokerStart;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.ControllerSession;
import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.FencedException;
import io.millrace.metadata.MetadataChange;
import io.millrace.metadata.MetadataException;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.SupersededRegistrationException;
import io.millrace.metadata.TopicImage;
import io.millrace.replication.ManualLoop;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class DecisionRoundsTest {
    private final ScriptedSession session = new ScriptedSession();
    private final ManualLoop loop = new ManualLoop();
    private final List<String> told = new ArrayList<>();
    private final DecisionRounds rounds =
            new DecisionRounds(session, ClusterImage.EMPTY, loop, () -> told.add("relieved"));

    @Test
    void whatArrivesTogetherIsCommittedTogether() {
        create("a");
        create("b");

        loop.endRound();

        assertThat(session.commits).hasSize(1);
        assertThat(session.commits.get(0).changes()).hasSize(2);
    }

    @Test
    void aDecisionIsTrueAndAnsweredOnlyWhenItIsCommitted() {
        create("a");
        loop.endRound();
        boolean isTrueEarly = rounds.committed().topic("a").isPresent();
        var toldEarly = List.copyOf(told);

        session.commits.get(0).succeed();

        assertThat(isTrueEarly).isFalse();
        assertThat(toldEarly).isEmpty();
        assertThat(rounds.committed().topic("a")).isPresent();
        assertThat(told).containsExactly("a is made");
    }

    @Test
    void whatArrivesDuringACommitWaitsForItAndSeesIt() {
        create("a");
        loop.endRound();
        rounds.decide(draft -> {
            boolean isThere = draft.image().topic("a").isPresent();
            return () -> told.add("a is there: " + isThere);
        });
        loop.endRound();
        var toldEarly = List.copyOf(told);

        session.commits.get(0).succeed();
        loop.endRound();

        assertThat(toldEarly).isEmpty();
        assertThat(told).containsExactly("a is made", "a is there: true");
    }

    @Test
    void aDecisionThatChangesNothingIsAnsweredWithoutACommit() {
        rounds.decide(draft -> () -> told.add("nothing to do"));

        loop.endRound();

        assertThat(session.commits).isEmpty();
        assertThat(told).containsExactly("nothing to do");
    }

    @Test
    void aDecisionThatCannotBeWrittenIsRefusedAlone() {
        create("a");
        create("too large");
        create("c");

        loop.endRound();
        session.commits.get(0).fail(new MetadataException("too large"));
        while (loop.endRound()) {
            var latest = session.commits.get(session.commits.size() - 1);
            if (latest.names().contains("too large")) {
                latest.fail(new MetadataException("too large"));
            } else {
                latest.succeed();
            }
        }

        assertThat(told).containsExactly("a is made", "too large: POLICY_VIOLATION", "c is made");
        assertThat(rounds.committed().topic("c")).isPresent();
        assertThat(rounds.committed().topic("too large")).isEmpty();
    }

    @Test
    void aDecisionThatFailsIsRefusedAndLeavesNothingInWhatIsWritten() {
        create("a");
        rounds.decide(
                draft -> {
                    draft.create(topic("half"));
                    throw new IllegalStateException("a defect");
                },
                (errorCode, why) -> told.add("half: " + errorCode));
        create("c");

        while (loop.endRound()) {
            session.commits.forEach(Commit::succeed);
        }

        assertThat(session.commits).hasSize(1);
        assertThat(session.commits.get(0).names()).containsExactly("a", "c");
        assertThat(told).containsExactly("half: UNKNOWN_SERVER_ERROR", "a is made", "c is made");
    }

    @Test
    void whenAnotherControllerIsElectedEverybodyIsSentThere() {
        create("under way");
        loop.endRound();
        create("waiting");

        session.commits.get(0).fail(new FencedException("another one writes"));
        create("late");

        assertThat(told)
                .containsExactly(
                        "under way: NOT_CONTROLLER", "waiting: NOT_CONTROLLER", "relieved", "late: NOT_CONTROLLER");
        assertThat(rounds.hasEnded()).isTrue();
        assertThat(rounds.committed().topics()).isEmpty();
    }

    @Test
    void whatIsCommittedAfterTheEndIsAnsweredSinceItIsThere() {
        create("a");
        loop.endRound();
        create("b");

        rounds.end();
        session.commits.get(0).succeed();

        assertThat(told).containsExactly("b: NOT_CONTROLLER", "a is made");
        assertThat(loop.endRound()).isFalse();
        assertThat(session.commits).hasSize(1);
    }

    @Test
    void whatFailsAfterTheEndIsForTheNextController() {
        create("a");
        loop.endRound();

        rounds.end();
        session.commits.get(0).fail(new FencedException("the session has ended"));

        assertThat(told).containsExactly("a: NOT_CONTROLLER");
    }

    @Test
    void aWriteReliesOnTheStartsOfThoseItElectsOrAddsAsTheyWereKnown() {
        rounds.onBrokers(Map.of(1, registration(1, 5), 2, registration(2, 6)));

        create("a");
        loop.endRound();

        assertThat(session.commits.get(0).trusted()).containsExactly(registration(1, 5));
    }

    @Test
    void aBrokerThatHasStartedAnewIsDecidedAboutAgainOnceItsRegistrationIsKnown() {
        rounds.onBrokers(Map.of(1, registration(1, 5)));
        create("a");
        loop.endRound();

        session.commits.get(0).fail(new SupersededRegistrationException("broker 1 has registered again"));
        boolean hasTriedAtOnce = loop.endRound();
        rounds.onBrokers(Map.of(1, registration(1, 7)));
        loop.endRound();
        session.commits.get(1).succeed();

        assertThat(hasTriedAtOnce).isFalse();
        assertThat(session.commits.get(1).trusted()).containsExactly(registration(1, 7));
        assertThat(told).containsExactly("a is made");
    }

    @Test
    void aControllerThatNeverLearnsOfTheNewRegistrationResigns() {
        create("a");
        int refusals = 0;
        while (!rounds.hasEnded() && refusals < 1_000) {
            loop.endRound();
            session.commits.get(refusals++).fail(new SupersededRegistrationException("broker 1 has registered again"));
            rounds.onBrokers(Map.of());
        }

        assertThat(told).containsExactly("a: NOT_CONTROLLER", "relieved");
        assertThat(refusals).isEqualTo(101);
    }

    private static BrokerRegistration registration(int brokerId, int start) {
        return new BrokerRegistration(
                brokerId, start, "host", 9092, null, new UUID(0, brokerId), new BrokerStart(start, false));
    }

    @Test
    void whatWaitsIsBounded() {
        for (int i = 0; i < DecisionRounds.WAITING_MAX; i++) {
            rounds.decide(draft -> () -> {});
        }

        create("one too many");

        assertThat(told).containsExactly("one too many: REQUEST_TIMED_OUT");
    }

    private static TopicImage topic(String name) {
        return new TopicImage(
                UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)),
                name,
                DestinationKind.TOPIC,
                Map.of(),
                List.of(List.of(1)),
                List.of(new PartitionState(1, 0, 0, List.of(1), List.of())));
    }

    private void create(String name) {
        rounds.decide(
                draft -> {
                    draft.create(topic(name));
                    return () -> told.add(name + " is made");
                },
                (errorCode, why) -> told.add(name + ": " + errorCode));
    }

    private record Commit(
            List<MetadataChange> changes, List<BrokerRegistration> trusted, CompletableFuture<Void> outcome) {
        void succeed() {
            outcome.complete(null);
        }

        void fail(MetadataException failure) {
            outcome.completeExceptionally(failure);
        }

        List<String> names() {
            return changes.stream()
                    .map(change -> ((MetadataChange.CreateTopic) change).topic().name())
                    .toList();
        }
    }

    /** Notes what is to be committed; the test says how that ends. */
    private static final class ScriptedSession implements ControllerSession {
        private final List<Commit> commits = new ArrayList<>();

        @Override
        public int controllerEpoch() {
            return 1;
        }

        @Override
        public CompletableFuture<ClusterImage> load() {
            return CompletableFuture.completedFuture(ClusterImage.EMPTY);
        }

        @Override
        public CompletableFuture<Void> commit(List<MetadataChange> changes, Collection<BrokerRegistration> trusted) {
            var commit = new Commit(changes, List.copyOf(trusted), new CompletableFuture<>());
            commits.add(commit);
            return commit.outcome();
        }

        @Override
        public CompletableFuture<Void> lost() {
            return new CompletableFuture<>();
        }

        @Override
        public CompletableFuture<Void> resign() {
            return CompletableFuture.completedFuture(null);
        }
    }
}
