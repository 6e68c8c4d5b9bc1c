package io.millrace.coordinator.group;

import io.millrace.coordinator.Outcome;
import io.millrace.coordinator.group.GroupRecord.OffsetKey;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.DescribeGroupsResponse;
import io.millrace.protocol.message.ListGroupsRequest;
import io.millrace.protocol.message.ListGroupsResponse;
import io.millrace.protocol.message.OffsetDeleteRequest;
import io.millrace.protocol.message.OffsetDeleteResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What operators ask of groups: which there are, who belongs to them, that they be forgotten.
 *
 * <p>Owned by the loop of its groups. A group that has committed offsets and never had members counts as an empty classic one.
 */
final class GroupAdministration {
    private static final short FIRST_VERSION_WITH_NOT_FOUND = 6;
    private static final String EMPTY = "Empty";
    private static final String DEAD = "Dead";
    private static final String CLASSIC = "classic";

    private final Function<String, @Nullable Group> groups;
    private final CommittedOffsets offsets;

    GroupAdministration(Function<String, @Nullable Group> groups, CommittedOffsets offsets) {
        this.groups = groups;
        this.offsets = offsets;
    }

    /** A group that is not there counts as dead, until version 6, which calls it missing. */
    DescribeGroupsResponse.Group describe(String groupId, short apiVersion) {
        Group group = groups.apply(groupId);
        if (group == null && offsets.knows(groupId)) {
            return described(groupId, EMPTY, "", "", List.of());
        }
        if (!(group instanceof ClassicGroup classic)) {
            String why = group == null
                    ? "There is no group " + groupId
                    : "Group " + groupId + " is of the type " + group.typeName() + ", not classic";
            boolean tells = apiVersion >= FIRST_VERSION_WITH_NOT_FOUND;
            return new DescribeGroupsResponse.Group(
                    tells ? ErrorCode.GROUP_ID_NOT_FOUND : ErrorCode.NONE,
                    tells ? why : null,
                    groupId,
                    DEAD,
                    "",
                    "",
                    List.of(),
                    DescribeGroupsResponse.OPERATIONS_NOT_ASKED);
        }
        boolean stable = classic.state() == GroupState.STABLE;
        String protocolName = classic.protocolName();
        return described(
                groupId,
                classic.stateName(),
                classic.protocolTypeName(),
                stable && protocolName != null ? protocolName : "",
                classic.members().all().stream()
                        .map(member -> member.describe(stable ? protocolName : null, stable))
                        .toList());
    }

    private static DescribeGroupsResponse.Group described(
            String groupId,
            String state,
            String protocolType,
            String protocol,
            List<DescribeGroupsResponse.Member> members) {
        return new DescribeGroupsResponse.Group(
                ErrorCode.NONE,
                null,
                groupId,
                state,
                protocolType,
                protocol,
                members,
                DescribeGroupsResponse.OPERATIONS_NOT_ASKED);
    }

    /** The groups that pass the filters. */
    List<ListGroupsResponse.Group> list(ListGroupsRequest request, Iterable<? extends Group> all) {
        var listed = new ArrayList<ListGroupsResponse.Group>();
        for (Group group : all) {
            if (passes(request, group.stateName(), group.typeName())) {
                listed.add(new ListGroupsResponse.Group(
                        group.groupId(), group.protocolTypeName(), group.stateName(), group.typeName()));
            }
        }
        if (passes(request, EMPTY, CLASSIC)) {
            offsets.all().keySet().stream()
                    .filter(groupId -> groups.apply(groupId) == null)
                    .map(groupId -> new ListGroupsResponse.Group(groupId, "", EMPTY, CLASSIC))
                    .forEach(listed::add);
        }
        return listed;
    }

    private static boolean passes(ListGroupsRequest request, String state, String type) {
        return passes(request.statesFilter(), state) && passes(request.typesFilter(), type);
    }

    private static boolean passes(List<String> filter, String value) {
        return filter.isEmpty() || filter.stream().anyMatch(value::equalsIgnoreCase);
    }

    /** Has a group without members forgotten, with its offsets. */
    Outcome<GroupRecord, GroupDeletion> delete(String groupId) {
        Group group = groups.apply(groupId);
        if (groupId.isEmpty()) {
            return Outcome.answer(GroupDeletion.of(ErrorCode.INVALID_GROUP_ID));
        }
        if (group == null && !offsets.knows(groupId)) {
            return Outcome.answer(GroupDeletion.of(ErrorCode.GROUP_ID_NOT_FOUND));
        }
        if (group != null && !group.isUnused()) {
            return Outcome.answer(GroupDeletion.of(ErrorCode.NON_EMPTY_GROUP));
        }
        var records = new ArrayList<>(offsets.tombstones(groupId, OffsetExpiry.RECORDS_MAX));
        if (records.size() >= OffsetExpiry.RECORDS_MAX) {
            return new Outcome<>(records, new GroupDeletion(ErrorCode.NONE, true));
        }
        if (group != null) {
            records.addAll(group.tombstones());
        }
        return new Outcome<>(records, GroupDeletion.of(ErrorCode.NONE));
    }

    /** Has offsets forgotten, but those of topics that members read. */
    Outcome<GroupRecord, OffsetDeleteResponse> deleteOffsets(OffsetDeleteRequest request) {
        Group group = groups.apply(request.groupId());
        if (group == null && !offsets.knows(request.groupId())) {
            return refuse(ErrorCode.GROUP_ID_NOT_FOUND);
        }
        boolean unused = group == null || group.isUnused();
        if (!unused && !group.protocolTypeName().equals(Group.CONSUMERS)) {
            return refuse(ErrorCode.NON_EMPTY_GROUP);
        }
        Optional<Set<String>> subscribed = unused ? Optional.of(Set.of()) : group.subscribedTopics();
        var records = new ArrayList<GroupRecord>();
        var topics = new ArrayList<OffsetDeleteResponse.Topic>();
        for (OffsetDeleteRequest.Topic topic : request.topics()) {
            boolean inUse = subscribed.map(read -> read.contains(topic.name())).orElse(true);
            var partitions = new ArrayList<OffsetDeleteResponse.Partition>();
            for (OffsetDeleteRequest.Partition partition : topic.partitions()) {
                var key = new OffsetKey(request.groupId(), topic.name(), partition.partitionIndex());
                if (!inUse && offsets.knows(key)) {
                    records.add(new GroupRecord.OffsetCommitted(key, null));
                }
                partitions.add(new OffsetDeleteResponse.Partition(
                        partition.partitionIndex(), inUse ? ErrorCode.GROUP_SUBSCRIBED_TO_TOPIC : ErrorCode.NONE));
            }
            topics.add(new OffsetDeleteResponse.Topic(topic.name(), partitions));
        }
        return new Outcome<>(records, new OffsetDeleteResponse(ErrorCode.NONE, 0, topics));
    }

    private static Outcome<GroupRecord, OffsetDeleteResponse> refuse(ErrorCode error) {
        return Outcome.answer(new OffsetDeleteResponse(error, 0, List.of()));
    }
}
