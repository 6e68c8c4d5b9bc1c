package io.millrace.client;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Administration of groups and of how far they have read. Safe for use by any thread; futures fail with a {@link ClientException}. */
public interface GroupAdmin {

    /**
     * A group as its coordinator lists it.
     *
     * @param type {@code classic}, {@code consumer} (KIP-848)
     * @param protocolType what its members speak among themselves, {@code consumer} for those that read topics; empty where nothing is known
     */
    record Listing(String groupId, String type, String state, String protocolType, int coordinatorId) {}

    /**
     * A member.
     *
     * @param memberEpoch -1 in a classic group
     * @param topics what it wants to read; empty where the group's members do not tell
     * @param assignment what it reads now
     * @param target what it is going to read
     */
    record Member(
            String memberId,
            @Nullable String instanceId,
            String clientId,
            String clientHost,
            int memberEpoch,
            Set<String> topics,
            Set<TopicPartition> assignment,
            Set<TopicPartition> target) {}

    /**
     * A group.
     *
     * @param assignor how partitions are shared out; empty where that is not settled
     * @param groupEpoch -1 for a classic group
     * @param targetEpoch the group epoch that the target assignment was made for; -1 for a classic group
     */
    record Description(
            String groupId,
            String type,
            String state,
            int coordinatorId,
            String assignor,
            int groupEpoch,
            int targetEpoch,
            List<Member> members) {}

    /** How far a group has read one partition. */
    record CommittedOffset(long offset, int leaderEpoch, String metadata) {}

    /** The groups of all coordinators. Fails where a coordinator does not answer, for the list would lack groups. */
    CompletableFuture<List<Listing>> list();

    /** Fails with GROUP_ID_NOT_FOUND where there is no such group. */
    CompletableFuture<Description> describe(String groupId);

    /** Nothing where there is no such group. */
    CompletableFuture<Map<TopicPartition, CommittedOffset>> committedOffsets(String groupId);

    /**
     * Sets how far a group without members has read. Completes with why some offsets were not set; fails with UNKNOWN_MEMBER_ID where the
     * group has members.
     */
    CompletableFuture<Map<TopicPartition, ClientException>> setOffsets(
            String groupId, Map<TopicPartition, Long> offsets);

    /** Forgets offsets of topics that no member reads. Completes with why some were not forgotten. */
    CompletableFuture<Map<TopicPartition, ClientException>> deleteOffsets(
            String groupId, Collection<TopicPartition> partitions);

    /** Forgets a group without members and its offsets; fails with NON_EMPTY_GROUP where it has some. */
    CompletableFuture<Void> delete(String groupId);
}
