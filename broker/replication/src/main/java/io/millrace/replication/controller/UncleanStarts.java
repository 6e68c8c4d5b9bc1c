package io.millrace.replication.controller;

import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import java.lang.System.Logger.Level;
import java.util.HashMap;

/**
 * Accounts for brokers that may have lost the newest records with the power (KIP-966): in the write that lets such a broker serve again, it leaves
 * the in-sync and the eligible replicas of all partitions that the operating system flushes. It joins again when it has caught up.
 *
 * <p>Owned by the controller's loop.
 */
record UncleanStarts(PartitionViews views) {
    private static final System.Logger LOGGER = System.getLogger(UncleanStarts.class.getName());

    void account(Draft draft, int brokerId) {
        int left = 0;
        for (TopicImage topic : draft.image().topics()) {
            if (!views.configuration().survivesPowerLoss().test(topic)) {
                left += account(draft, topic, brokerId);
            }
        }
        int partitions = left;
        LOGGER.log(
                Level.INFO,
                () -> "Broker " + brokerId
                        + " was not shut down cleanly and may lack records that were not flushed: in " + partitions
                        + " partitions it must catch up before it may lead");
    }

    private int account(Draft draft, TopicImage topic, int brokerId) {
        var changed = new HashMap<Integer, PartitionState>();
        for (int index = 0; index < topic.partitionCount(); index++) {
            var view = views.of(topic, index);
            PartitionState after = view.election().withUnclean(view.state(), brokerId);
            if (!after.equals(view.state())) {
                changed.put(index, after);
            }
        }
        draft.change(topic.topicId(), changed);
        return changed.size();
    }
}
