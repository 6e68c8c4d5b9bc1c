package io.millrace.replication.controller;

import io.millrace.metadata.BrokerRegistration;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.PartitionState;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.UUID;
import java.util.function.IntPredicate;

/** What makes a new topic right, and how it begins. Pure. */
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

    private List<List<Integer>> place(NewTopic wanted, UUID topicId) throws RefusedException {
        int partitions = wanted.partitionCount() == -1 ? configuration.defaultPartitions() : wanted.partitionCount();
        int factor = wanted.replicationFactor() == -1
                ? configuration.defaultReplicationFactor()
                : wanted.replicationFactor();
        checkPartitions(wanted.name(), partitions);
        List<BrokerRegistration> brokers = image.brokers().values().stream()
                .filter(broker -> isUsable.test(broker.brokerId()))
                .toList();
        if (factor < 1 || factor > brokers.size() || factor > REPLICAS_MAX) {
            throw new RefusedException(
                    ErrorCode.INVALID_REPLICATION_FACTOR,
                    "replication factor " + factor + " of topic '" + wanted.name() + "' must be between 1 and "
                            + Math.min(brokers.size(), REPLICAS_MAX) + ", the number of brokers that are there");
        }
        return ReplicaPlacement.place(brokers, load, partitions, factor, Math.floorMod(topicId.hashCode(), 1 << 16));
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
        int factor = wanted.assignment().get(0).size();
        for (List<Integer> replicas : wanted.assignment()) {
            boolean isRight = !replicas.isEmpty()
                    && replicas.size() == factor
                    && factor <= REPLICAS_MAX
                    && new HashSet<>(replicas).size() == factor
                    && image.brokers().keySet().containsAll(replicas);
            if (!isRight) {
                throw new RefusedException(
                        ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                        "the replicas " + replicas + " of topic '" + wanted.name() + "' must be " + factor
                                + " different brokers of " + image.brokers().keySet());
            }
        }
        return wanted.assignment();
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
