package io.millrace.coordinator.group;

import io.millrace.coordinator.Outcome;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ConsumerGroupDescribeResponse;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest;
import io.millrace.protocol.message.ConsumerGroupHeartbeatResponse;
import io.millrace.protocol.message.DescribeGroupsResponse;
import io.millrace.protocol.message.HeartbeatRequest;
import io.millrace.protocol.message.HeartbeatResponse;
import io.millrace.protocol.message.JoinGroupRequest;
import io.millrace.protocol.message.JoinGroupResponse;
import io.millrace.protocol.message.LeaveGroupRequest;
import io.millrace.protocol.message.LeaveGroupResponse;
import io.millrace.protocol.message.ListGroupsRequest;
import io.millrace.protocol.message.ListGroupsResponse;
import io.millrace.protocol.message.OffsetCommitRequest;
import io.millrace.protocol.message.OffsetCommitResponse;
import io.millrace.protocol.message.OffsetDeleteRequest;
import io.millrace.protocol.message.OffsetDeleteResponse;
import io.millrace.protocol.message.OffsetFetchRequest;
import io.millrace.protocol.message.OffsetFetchResponse;
import io.millrace.protocol.message.SyncGroupRequest;
import io.millrace.protocol.message.SyncGroupResponse;
import io.millrace.protocol.message.TxnOffsetCommitRequest;
import io.millrace.protocol.message.TxnOffsetCommitResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The groups of one partition of {@code __consumer_offsets}.
 *
 * <p>Owned by the loop of that partition. Only the partition's leader has one, restored by {@link #replay} and
 * {@link #onLoaded}. Who belongs to a classic group is kept in memory alone until its assignments are handed out; those, and
 * committed offsets, count once {@link #commit} has seen their records.
 *
 * <p>A join or sync may be answered long after it was asked: its future completes on the owner's thread, when the
 * others have come, time is up, or the coordinator resigns.
 */
public final class Groups {
    /** Groups in one partition. */
    static final int GROUPS_MAX = 100_000;
    /** Records, and members in them, that end together by themselves: as many as fit into a batch. */
    static final int EXPIRED_MAX = 1_000;

    private final GroupWakeups wakeups = new GroupWakeups();
    private final ClassicGroups classic;
    private final ConsumerGroups consumers;
    private final ConsumerRules consumerRules;
    private final ClassicMembers classicMembers;
    private final GroupMigration migration;
    private final CommittedOffsets offsets;
    private final GroupAdministration administration;
    private final OffsetExpiry expiry;

    /**
     * No groups yet.
     *
     * @param memberIdSuffixes makes the ids of members unique, across restarts too
     * @param topics what there is to assign, as it is known now
     */
    public Groups(GroupConfiguration configuration, Supplier<String> memberIdSuffixes, Supplier<TopicCatalog> topics) {
        this(configuration, groupId -> configuration.consumers(), memberIdSuffixes, topics);
    }

    /**
     * No groups yet.
     *
     * @param consumerRules of each consumer group, instead of those in the configuration
     */
    public Groups(
            GroupConfiguration configuration,
            ConsumerRules consumerRules,
            Supplier<String> memberIdSuffixes,
            Supplier<TopicCatalog> topics) {
        this.consumers = new ConsumerGroups(consumerRules, topics, memberIdSuffixes, wakeups);
        this.classic = new ClassicGroups(configuration, memberIdSuffixes, wakeups);
        this.consumerRules = consumerRules;
        this.classicMembers = new ClassicMembers(consumerRules, topics, memberIdSuffixes, wakeups);
        this.migration = new GroupMigration(classic, consumers, consumerRules, topics, configuration.groupSizeMax());
        this.offsets = new CommittedOffsets(configuration.offsetMetadataBytesMax());
        this.administration = new GroupAdministration(this::group, offsets);
        this.expiry = new OffsetExpiry(configuration, offsets, this::group);
    }

    private @Nullable Group group(String groupId) {
        ClassicGroup group = classic.group(groupId);
        return group == null ? consumers.group(groupId) : group;
    }

    private boolean hasRoom() {
        return classic.size() + consumers.size() < GROUPS_MAX;
    }

    // Members of classic groups.

    /**
     * A member joins, or joins again. From version 4 on, one without an id first gets one (MEMBER_ID_REQUIRED, KIP-394),
     * so that a client which never sees its answers leaves no members behind. A consumer group without members becomes a classic one; one
     * with members may have both kinds for a time.
     */
    public Outcome<GroupRecord, CompletableFuture<JoinGroupResponse>> join(
            JoinGroupRequest request, short apiVersion, ClientIdentity client, long nowMs) {
        ConsumerGroup other = consumers.group(request.groupId());
        if (other == null) {
            return classic.join(request, apiVersion, client, hasRoom(), nowMs);
        }
        if (other.isUnused()) {
            return after(consumers.giveUp(other), classic.join(request, apiVersion, client, hasRoom(), nowMs));
        }
        if (!consumerRules.of(request.groupId()).migration().mixes()) {
            return GroupJoin.refuse(ErrorCode.INCONSISTENT_GROUP_PROTOCOL, request.memberId());
        }
        ErrorCode times = classic.checkTimes(request);
        return times == ErrorCode.NONE
                ? downgradeAfter(
                        classicMembers.join(other, request, apiVersion, client, nowMs), request.groupId(), nowMs)
                : GroupJoin.refuse(times, request.memberId());
    }

    /** Members of a consumer group may have left, or others taken their places. */
    private <A> Outcome<GroupRecord, A> downgradeAfter(Outcome<GroupRecord, A> decided, String groupId, long nowMs) {
        return after(decided.records(), new Outcome<>(migration.downgradeIfDue(groupId, nowMs), decided.answer()));
    }

    private static <A> Outcome<GroupRecord, A> after(List<GroupRecord> first, Outcome<GroupRecord, A> outcome) {
        var records = new ArrayList<>(first);
        records.addAll(outcome.records());
        return new Outcome<>(records, outcome.answer());
    }

    /** A member asks for its assignment; the leader brings those of all. */
    public Outcome<GroupRecord, CompletableFuture<SyncGroupResponse>> sync(SyncGroupRequest request, long nowMs) {
        ConsumerGroup mixed = consumers.group(request.groupId());
        return mixed == null
                ? classic.sync(request, nowMs)
                : Outcome.answer(CompletableFuture.completedFuture(classicMembers.sync(mixed, request, nowMs)));
    }

    /** A member is alive, and learns whether it has to join again. */
    public Outcome<GroupRecord, HeartbeatResponse> heartbeat(HeartbeatRequest request, long nowMs) {
        ConsumerGroup mixed = consumers.group(request.groupId());
        return mixed == null
                ? classic.heartbeat(request, nowMs)
                : Outcome.answer(classicMembers.heartbeat(mixed, request, nowMs));
    }

    /** Members leave for good, so that the others need not wait for their session to end. */
    public Outcome<GroupRecord, LeaveGroupResponse> leave(LeaveGroupRequest request, long nowMs) {
        ConsumerGroup mixed = consumers.group(request.groupId());
        return mixed == null
                ? classic.leave(request, nowMs)
                : downgradeAfter(classicMembers.leave(mixed, request), request.groupId(), nowMs);
    }

    // Members of consumer groups.

    /**
     * A member joins, says that it is here, or leaves (KIP-848). A classic group becomes a consumer group, one with members if
     * {@link MigrationPolicy} allows it; when the last member of this protocol is gone, it becomes a classic group again.
     */
    public Outcome<GroupRecord, ConsumerGroupHeartbeatResponse> heartbeat(
            ConsumerGroupHeartbeatRequest request, ClientIdentity client, long nowMs) {
        var refusal = consumers.refuse(request);
        if (refusal.isPresent()) {
            return Outcome.answer(refusal.get());
        }
        ClassicGroup other = classic.group(request.groupId());
        if (other == null) {
            var decided = consumers.heartbeat(request, client, hasRoom(), nowMs);
            return request.memberEpoch() < 0 ? downgradeAfter(decided, request.groupId(), nowMs) : decided;
        }
        Optional<List<GroupRecord>> upgraded = request.memberEpoch() == ConsumerGroupHeartbeatRequest.JOIN
                ? migration.upgrade(other, nowMs)
                : Optional.empty();
        return upgraded.isPresent()
                ? after(upgraded.get(), consumers.heartbeat(request, client, hasRoom(), nowMs))
                : Outcome.answer(ConsumerGroupHeartbeatResponse.error(
                        ErrorCode.GROUP_ID_NOT_FOUND, "There is no consumer group " + request.groupId()));
    }

    // Offsets.

    /** Offsets are stored once the records are committed. Without a member id: for a group that has no members. */
    public Outcome<GroupRecord, OffsetCommitResponse> commitOffsets(
            OffsetCommitRequest request, short apiVersion, long nowMs) {
        ErrorCode error = checkCommit(request, apiVersion, nowMs);
        return error == ErrorCode.NONE
                ? offsets.commit(request, nowMs)
                : Outcome.answer((OffsetCommitResponse) request.errorResponse(error));
    }

    private ErrorCode checkCommit(OffsetCommitRequest request, short apiVersion, long nowMs) {
        if (request.groupId().isEmpty()) {
            return ErrorCode.INVALID_GROUP_ID;
        }
        if (group(request.groupId()) == null && !offsets.canAdd(request.groupId(), GROUPS_MAX)) {
            return ErrorCode.COORDINATOR_NOT_AVAILABLE;
        }
        ConsumerGroup group = consumers.group(request.groupId());
        return group == null
                ? classic.checkCommit(request, apiVersion, nowMs)
                : consumers.checkCommit(group, request, apiVersion);
    }

    /**
     * Offsets that count when the producer's transaction is committed, see {@link #onTransactionEnded}. The records belong into one batch of that producer.
     */
    public Outcome<GroupRecord, TxnOffsetCommitResponse> commitOffsets(TxnOffsetCommitRequest request, long nowMs) {
        ErrorCode error = checkCommit(request, nowMs);
        return error == ErrorCode.NONE
                ? offsets.commit(request, nowMs)
                : Outcome.answer((TxnOffsetCommitResponse) request.errorResponse(error));
    }

    private ErrorCode checkCommit(TxnOffsetCommitRequest request, long nowMs) {
        if (request.groupId().isEmpty()) {
            return ErrorCode.INVALID_GROUP_ID;
        }
        boolean isNew = group(request.groupId()) == null;
        if ((isNew && !offsets.canAdd(request.groupId(), GROUPS_MAX)) || !offsets.hasRoomFor(request)) {
            return ErrorCode.COORDINATOR_NOT_AVAILABLE;
        }
        ConsumerGroup group = consumers.group(request.groupId());
        return group == null ? classic.checkCommit(request, nowMs) : consumers.checkCommit(group, request);
    }

    /**
     * What is committed of one group; -1 where nothing is.
     *
     * @param requireStable whether offsets that a transaction is about to set are UNSTABLE_OFFSET_COMMIT (KIP-447)
     */
    public OffsetFetchResponse.Group fetchOffsets(OffsetFetchRequest.Group request, boolean requireStable) {
        ErrorCode error = consumers.checkFetch(request);
        return error == ErrorCode.NONE
                ? offsets.fetch(request, requireStable)
                : new OffsetFetchResponse.Group(request.groupId(), List.of(), error);
    }

    /** The marker that ends a producer's transaction is committed: what it wanted to set is set or dropped. */
    public void onTransactionEnded(long producerId, boolean committed) {
        offsets.onTransactionEnded(producerId, committed);
    }

    // Administration.

    /** State and members of a classic group. */
    public DescribeGroupsResponse.Group describe(String groupId, short apiVersion) {
        return administration.describe(groupId, apiVersion);
    }

    /** State and members of a consumer group. */
    public ConsumerGroupDescribeResponse.Group describe(String groupId) {
        return consumers.describe(groupId);
    }

    /** The groups that pass the filters. */
    public List<ListGroupsResponse.Group> list(ListGroupsRequest request) {
        return administration.list(request, all());
    }

    private List<Group> all() {
        List<Group> all = new ArrayList<>(classic.all());
        all.addAll(consumers.all());
        return all;
    }

    /** Has a group without members forgotten, with its offsets, as far as fits into a batch. */
    public Outcome<GroupRecord, GroupDeletion> delete(String groupId) {
        return administration.delete(groupId);
    }

    /** Has offsets forgotten, but those of topics that members read. */
    public Outcome<GroupRecord, OffsetDeleteResponse> deleteOffsets(OffsetDeleteRequest request) {
        return administration.deleteOffsets(request);
    }

    /**
     * Has offsets of topics forgotten that are gone, some at a time.
     *
     * @return whether there may be more of them, once these are committed
     */
    public Outcome<GroupRecord, Boolean> forgetTopics(Set<String> names) {
        List<GroupRecord> records = offsets.tombstones(names, OffsetExpiry.RECORDS_MAX);
        return new Outcome<>(records, records.size() >= OffsetExpiry.RECORDS_MAX);
    }

    // Time.

    /**
     * Ends sessions and waits whose time has come, and forgets what nobody uses, as far as fits into a batch: where {@link #nextDeadlineMs} is not later then, there
     * is more. The answer says nothing.
     */
    public Outcome<GroupRecord, Boolean> expire(long nowMs) {
        var records = new ArrayList<GroupRecord>();
        boolean expired = false;
        int members = 0;
        while (records.size() + members < EXPIRED_MAX) {
            Optional<String> due = wakeups.takeDue(nowMs);
            if (due.isEmpty()) {
                break;
            }
            List<GroupRecord> saved = classic.expire(due.get(), nowMs);
            members += saved.stream().mapToInt(Groups::memberCount).sum();
            records.addAll(saved);
            List<GroupRecord> ended = consumers.expire(due.get(), nowMs);
            records.addAll(ended);
            if (!ended.isEmpty()) {
                records.addAll(migration.downgradeIfDue(due.get(), nowMs));
            }
            expired = true;
        }
        if (expiry.nextMs() <= nowMs) {
            records.addAll(expiry.expire(all(), nowMs));
        }
        return new Outcome<>(records, expired);
    }

    private static int memberCount(GroupRecord logged) {
        GroupRecord.GroupValue value = logged instanceof GroupRecord.GroupSaved saved ? saved.value() : null;
        return value == null ? 0 : value.members().size();
    }

    /** When {@link #expire} is due; {@link Long#MAX_VALUE} for never. */
    public long nextDeadlineMs() {
        return Math.min(wakeups.nextMs(), expiry.nextMs());
    }

    // What survives.

    /** Takes over a record that an earlier coordinator has appended. */
    public void replay(GroupRecord logged) {
        if (logged instanceof GroupRecord.OffsetCommitted offset) {
            offsets.replay(offset);
        } else if (logged instanceof GroupRecord.OffsetPending pending) {
            offsets.replay(pending);
        } else if (logged instanceof GroupRecord.GroupSaved saved) {
            if (saved.value() != null) {
                consumers.forget(saved.key().group());
            }
            classic.replay(saved);
        } else if (logged instanceof ConsumerGroupRecord ofConsumers) {
            if (ofConsumers instanceof ConsumerGroupRecord.EpochSaved epoch && epoch.value() != null) {
                classic.forget(ofConsumers.groupId());
            }
            consumers.replay(ofConsumers);
        }
    }

    /** All records have been replayed: the members of all groups have their session's time to be heard of. */
    public void onLoaded(long nowMs) {
        classic.onLoaded(nowMs);
        consumers.onLoaded(nowMs);
        expiry.start(nowMs);
    }

    /** Takes effect of a record that this coordinator has appended and that is committed now. */
    public void commit(GroupRecord committed, long nowMs) {
        if (committed instanceof GroupRecord.OffsetCommitted offset) {
            offsets.replay(offset);
        } else if (committed instanceof GroupRecord.OffsetPending pending) {
            offsets.onCommitted(pending);
        } else if (committed instanceof GroupRecord.GroupSaved saved) {
            classic.commit(saved, nowMs);
        } else if (committed instanceof ConsumerGroupRecord ofConsumers) {
            consumers.commit(ofConsumers);
        }
    }

    /** The records of an outcome will not be committed: who waits for them is told the error. */
    public void onAppendFailed(List<GroupRecord> records, ErrorCode error, long nowMs) {
        for (GroupRecord failed : records) {
            if (failed instanceof GroupRecord.GroupSaved saved) {
                classic.onAppendFailed(saved, error, nowMs);
            } else if (failed instanceof GroupRecord.OffsetPending pending) {
                offsets.onRefused(pending);
            }
        }
        consumers.onAppendFailed(records, nowMs);
    }

    /** Another broker coordinates these groups now: who waits is sent there. */
    public void onResigned() {
        classic.onResigned();
    }
}
