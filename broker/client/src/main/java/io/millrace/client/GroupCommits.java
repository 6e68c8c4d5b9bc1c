package io.millrace.client;

import io.millrace.protocol.ErrorCode;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * What a member has processed and not committed yet, and the committing of it.
 *
 * <p>Safe for use by any thread; guarded by itself. Invariant: of one partition, a later commit never holds a lower offset. Therefore commits
 * go one after the other, and each try holds what is open then: what was forgotten meanwhile is not committed any more.
 */
final class GroupCommits {
    /** A member that has just come to a new epoch is behind the coordinator for a moment; so often it asks for the new one. */
    private static final int TRIES_MAX = 5;

    private final String groupId;
    private final GroupOffsets offsets;
    private final GroupHeartbeats heartbeats;
    private final Map<TopicPartition, Long> processed = new HashMap<>();
    private final Map<TopicPartition, Long> committed = new HashMap<>();
    private CompletableFuture<Void> last = CompletableFuture.completedFuture(null);

    GroupCommits(String groupId, GroupOffsets offsets, GroupHeartbeats heartbeats) {
        this.groupId = groupId;
        this.offsets = offsets;
        this.heartbeats = heartbeats;
    }

    /** A partition is to go on with an offset. */
    synchronized void processed(TopicPartition partition, long nextOffset) {
        processed.merge(partition, nextOffset, Math::max);
    }

    synchronized void forget(Collection<TopicPartition> partitions) {
        partitions.forEach(partition -> {
            processed.remove(partition);
            committed.remove(partition);
        });
    }

    synchronized void forgetAll() {
        processed.clear();
        committed.clear();
    }

    /** Commits what was processed and not committed, once earlier commits have ended. */
    synchronized CompletableFuture<Void> commit() {
        last = last.handle((done, failure) -> 1).thenCompose(this::attempt);
        return last;
    }

    /** Whether a commit has not ended yet. */
    synchronized boolean isUnderWay() {
        return !last.isDone();
    }

    private synchronized Map<TopicPartition, Long> open() {
        var open = new HashMap<>(processed);
        committed.forEach(open::remove);
        return open;
    }

    private CompletableFuture<Void> attempt(int tries) {
        Map<TopicPartition, Long> open = open();
        if (open.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        GroupOffsets.Sender sender = heartbeats.membership(GroupMembership::sender);
        return offsets.commit(groupId, sender, open).thenCompose(refused -> {
            if (refused.isEmpty()) {
                onCommitted(open);
                return CompletableFuture.completedFuture(null);
            }
            ErrorCode error = refused.values().iterator().next();
            if (error == ErrorCode.STALE_MEMBER_EPOCH && tries < TRIES_MAX) {
                return heartbeats.beat().thenCompose(ignored -> attempt(tries + 1));
            }
            return CompletableFuture.failedFuture(
                    new ClientException(error, "Offsets of group \"" + groupId + "\" were not committed: " + refused));
        });
    }

    private synchronized void onCommitted(Map<TopicPartition, Long> offsetsNow) {
        offsetsNow.forEach((partition, offset) -> {
            if (processed.containsKey(partition)) {
                committed.merge(partition, offset, Math::max);
            }
        });
    }
}
