package io.millrace.replication.controller;

import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Gives partitions back to their preferred leaders, the first of their replicas, once those are in sync, by itself from time to time
 * where a broker lacks too many of its leaderships. It does so in batches, so that never all clients look for new leaders at once.
 *
 * <p>Owned by the controller's loop.
 */
final class PreferredLeaders {
    /** Elections in one decision of the automatic balance. */
    static final int BATCH_MAX = 200;

    static final long BATCH_PAUSE_MS = 500;

    private static final System.Logger LOGGER = System.getLogger(PreferredLeaders.class.getName());

    private final LeaderBalance balance;
    private final DecisionRounds rounds;
    private final PartitionViews views;
    private long nextMs;

    PreferredLeaders(LeaderBalance balance, DecisionRounds rounds, PartitionViews views, long nowMs) {
        this.balance = balance;
        this.rounds = rounds;
        this.views = views;
        this.nextMs = nowMs + balance.intervalMs();
    }

    /** Balances when it is time to. */
    void tick(long nowMs) {
        if (!balance.isAutomatic() || nowMs < nextMs) {
            return;
        }
        nextMs = nowMs + balance.intervalMs();
        rounds.decide(draft -> {
            int elections = balance(draft);
            if (elections == BATCH_MAX) {
                nextMs = Math.min(nextMs, nowMs + BATCH_PAUSE_MS);
            }
            return () -> {
                if (elections > 0) {
                    LOGGER.log(Level.INFO, () -> "Gave " + elections + " partitions back to their preferred leaders");
                }
            };
        });
    }

    private int balance(Draft draft) {
        Set<Integer> lacking = lackingTooMany(draft);
        int elections = 0;
        for (TopicImage topic :
                lacking.isEmpty() ? List.<TopicImage>of() : draft.image().topics()) {
            var changed = new HashMap<Integer, PartitionState>();
            for (int index = 0; index < topic.partitionCount() && elections < BATCH_MAX; index++) {
                var view = views.of(topic, index);
                Optional<PartitionState> elected = view.election().preferred(view.state());
                if (elected.isPresent() && lacking.contains(view.election().preferredLeader())) {
                    changed.put(index, elected.get());
                    elections++;
                }
            }
            draft.change(topic.topicId(), changed);
        }
        return elections;
    }

    /** The brokers that lead too few of the partitions for which they are preferred. */
    private Set<Integer> lackingTooMany(Draft draft) {
        var preferred = new HashMap<Integer, Integer>();
        var missing = new HashMap<Integer, Integer>();
        for (TopicImage topic : draft.image().topics()) {
            for (int index = 0; index < topic.partitionCount(); index++) {
                int leader = topic.assignment().get(index).get(0);
                preferred.merge(leader, 1, Integer::sum);
                if (topic.partitions().get(index).leaderId() != leader) {
                    missing.merge(leader, 1, Integer::sum);
                }
            }
        }
        var lacking = new HashSet<Integer>();
        missing.forEach((broker, count) -> {
            if (count * 100L > (long) balance.imbalancePercentMax() * preferred.getOrDefault(broker, 0)) {
                lacking.add(broker);
            }
        });
        return lacking;
    }
}
