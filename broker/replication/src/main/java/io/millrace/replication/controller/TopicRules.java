package io.millrace.replication.controller;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.PartitionAssignment;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.replication.controller.ReassignmentRules.Moved;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.IntPredicate;

/** What makes a new topic, or new partitions, right, and how they begin. Pure. */
final class TopicRules {
    static final int NAME_LENGTH_MAX = 249;
    /** So that the states of one topic fit into one znode. */
    static final int PARTITIONS_MAX = 10_000;

    static final int REPLICAS_MAX = 64;

    /** What is wrong with a request; carries the answer. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;
        private final ErrorCode errorCode;

        RefusedException(ErrorCode errorCode, String message) {
            super(message);
            this.errorCode = errorCode;
        }

        TopicResult result() {
            return TopicResult.refused(errorCode, String.valueOf(getMessage()));
        }
    }

    private final ControllerConfiguration configuration;
    private final ClusterImage image;
    private final ReplicaLoad load;
    private final IntPredicate isUsable;

    TopicRules(ControllerConfiguration configuration, ClusterImage image, ReplicaLoad load, IntPredicate isUsable) {
        this.configuration = configuration;
        this.image = image;
        this.load = load;
        this.isUsable = isUsable;
    }

    TopicImage create(NewTopic wanted, UUID topicId) throws RefusedException {
        checkName(wanted.name());
        DestinationKind kind = kindOf(wanted);
        var assignment = wanted.assignment().isEmpty() ? place(wanted, topicId) : checked(wanted);
        var partitions = new ArrayList<PartitionState>(assignment.size());
        for (List<Integer> replicas : assignment) {
            partitions.add(initialState(replicas));
        }
        return new TopicImage(topicId, wanted.name(), kind, wanted.configuration(), assignment, partitions);
    }

    private void checkName(String name) throws RefusedException {
        boolean isLegal = !name.isEmpty()
                && name.length() <= NAME_LENGTH_MAX
                && name.matches("[a-zA-Z0-9._-]+")
                && !".".equals(name)
                && !"..".equals(name);
        if (!isLegal) {
            throw new RefusedException(
                    ErrorCode.INVALID_TOPIC_EXCEPTION,
                    "topic name '" + name + "' is not allowed: 1 to " + NAME_LENGTH_MAX
                            + " of the characters a-z, A-Z, 0-9, '.', '_' and '-' are, but not '.' or '..'");
        }
        if (image.topic(name).isPresent()) {
            throw new RefusedException(ErrorCode.TOPIC_ALREADY_EXISTS, "topic '" + name + "' exists already");
        }
    }

    private static DestinationKind kindOf(NewTopic wanted) throws RefusedException {
        try {
            return DestinationKind.parse(wanted.configuration()
                    .getOrDefault(DestinationKind.CONFIGURATION_KEY, DestinationKind.TOPIC.configurationValue()));
        } catch (IllegalArgumentException e) {
            throw new RefusedException(ErrorCode.INVALID_CONFIG, String.valueOf(e.getMessage()));
        }
    }

    /** The partitions to add to a topic. Those there are stay where they are. */
    Map<Integer, Moved> added(TopicImage topic, MorePartitions wanted) throws RefusedException {
        checkGrowth(topic, wanted);
        int more = wanted.count() - topic.partitionCount();
        int factor = topic.replicationFactor(0);
        List<List<Integer>> assignment;
        if (wanted.assignment().isPresent()) {
            assignment = wanted.assignment().get();
            checkAssignment(topic.name(), factor, assignment);
        } else {
            int start = startOf(topic.topicId()) + topic.partitionCount();
            assignment = ReplicaPlacement.place(usableFor(topic.name(), factor), load, more, factor, start);
        }
        var added = new HashMap<Integer, Moved>();
        for (List<Integer> replicas : assignment) {
            added.put(
                    topic.partitionCount() + added.size(),
                    new Moved(PartitionAssignment.settled(replicas), initialState(replicas)));
        }
        return added;
    }

    private static void checkGrowth(TopicImage topic, MorePartitions wanted) throws RefusedException {
        int now = topic.partitionCount();
        checkPartitions(topic.name(), wanted.count());
        if (wanted.count() <= now) {
            throw new RefusedException(
                    ErrorCode.INVALID_PARTITIONS,
                    "topic '" + topic.name() + "' has " + now + " partitions; the number wanted, " + wanted.count()
                            + ", must be greater, for partitions cannot be taken away");
        }
        if (!topic.reassignments().isEmpty()) {
            throw new RefusedException(
                    ErrorCode.REASSIGNMENT_IN_PROGRESS,
                    "partitions of topic '" + topic.name() + "' are moving; it can grow when they have arrived");
        }
        int assigned = wanted.assignment().map(List::size).orElse(wanted.count() - now);
        if (assigned != wanted.count() - now) {
            throw new RefusedException(
                    ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                    "topic '" + topic.name() + "' grows by " + (wanted.count() - now) + " partitions, to "
                            + wanted.count() + ", but " + assigned + " assignments were given; one for each is needed");
        }
    }

    private List<List<Integer>> place(NewTopic wanted, UUID topicId) throws RefusedException {
        int partitions = wanted.partitionCount() == -1 ? configuration.defaultPartitions() : wanted.partitionCount();
        int factor = wanted.replicationFactor() == -1
                ? configuration.defaultReplicationFactor()
                : wanted.replicationFactor();
        checkPartitions(wanted.name(), partitions);
        return ReplicaPlacement.place(usableFor(wanted.name(), factor), load, partitions, factor, startOf(topicId));
    }

    private static int startOf(UUID topicId) {
        return Math.floorMod(topicId.hashCode(), 1 << 16);
    }

    private List<BrokerRegistration> usableFor(String topicName, int factor) throws RefusedException {
        List<BrokerRegistration> brokers = image.brokers().values().stream()
                .filter(broker -> isUsable.test(broker.brokerId()))
                .toList();
        if (factor < 1 || factor > brokers.size() || factor > REPLICAS_MAX) {
            throw new RefusedException(
                    ErrorCode.INVALID_REPLICATION_FACTOR,
                    "replication factor " + factor + " of topic '" + topicName + "' must be between 1 and "
                            + Math.min(brokers.size(), REPLICAS_MAX) + ", the number of brokers that are there");
        }
        return brokers;
    }

    private static void checkPartitions(String name, int partitions) throws RefusedException {
        if (partitions < 1 || partitions > PARTITIONS_MAX) {
            throw new RefusedException(
                    ErrorCode.INVALID_PARTITIONS,
                    "topic '" + name + "' with " + partitions + " partitions is not allowed: 1 to " + PARTITIONS_MAX
                            + " are");
        }
    }

    private List<List<Integer>> checked(NewTopic wanted) throws RefusedException {
        checkPartitions(wanted.name(), wanted.assignment().size());
        checkAssignment(wanted.name(), wanted.assignment().get(0).size(), wanted.assignment());
        return wanted.assignment();
    }

    private void checkAssignment(String topicName, int factor, List<List<Integer>> assignment) throws RefusedException {
        for (List<Integer> replicas : assignment) {
            boolean isRight = !replicas.isEmpty()
                    && replicas.size() == factor
                    && factor <= REPLICAS_MAX
                    && new HashSet<>(replicas).size() == factor
                    && image.brokers().keySet().containsAll(replicas);
            if (!isRight) {
                throw new RefusedException(
                        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                        "the replicas " + replicas + " of topic '" + topicName + "' must be " + factor
                                + " different brokers of " + image.brokers().keySet());
            }
        }
    }

    /** All replicas that are there are in sync: they are equally empty. */
    private PartitionState initialState(List<Integer> replicas) throws RefusedException {
        List<Integer> there = replicas.stream().filter(isUsable::test).toList();
        if (there.isEmpty()) {
            throw new RefusedException(
                    ErrorCode.INVALID_REPLICA_ASSIGNMENT, "none of the brokers " + replicas + " is there to lead");
        }
        return new PartitionState(there.get(0), 0, 0, there, List.of());
    }
}
