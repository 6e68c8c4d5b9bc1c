package io.millrace.server.request;

import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.MetadataStore;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.CreateTopicsRequest;
import io.millrace.protocol.message.CreateTopicsResponse;
import io.millrace.protocol.message.DeleteTopicsRequest;
import io.millrace.protocol.message.DeleteTopicsResponse;
import io.millrace.replication.controller.Controller;
import io.millrace.replication.controller.NewTopic;
import io.millrace.replication.controller.TopicResult;
import io.millrace.server.configuration.BrokerSettings;
import io.millrace.server.configuration.ConfigurationException;
import io.millrace.server.configuration.ConfigurationKey;
import io.millrace.server.configuration.SettingValue;
import io.millrace.server.configuration.TopicRules;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * Asks the controller on this broker to change topics, after checking what only needs the request.
 *
 * <p>Thread-safe. Errors of a topic: INVALID_TOPIC_EXCEPTION, INVALID_CONFIG, INVALID_REQUEST, INVALID_REPLICA_ASSIGNMENT,
 * TOPIC_DELETION_DISABLED, and the controller's, among them NOT_CONTROLLER.
 */
public final class TopicChanges {
    private static final UUID NO_ID = new UUID(0, 0);

    private final Controller controller;
    private final MetadataStore store;
    private final BrokerSettings settings;
    private final boolean mayDelete;

    /**
     * @param settings what topics get that are silent
     * @param mayDelete {@code delete.topic.enable}
     */
    public TopicChanges(Controller controller, MetadataStore store, BrokerSettings settings, boolean mayDelete) {
        this.controller = controller;
        this.store = store;
        this.settings = settings;
        this.mayDelete = mayDelete;
    }

    public CompletableFuture<CreateTopicsResponse> create(CreateTopicsRequest request) {
        var topics =
                request.topics().stream().map(topic -> create(request, topic)).toList();
        return Futures.all(topics).thenApply(answers -> new CreateTopicsResponse(0, answers));
    }

    private CompletableFuture<CreateTopicsResponse.Topic> create(
            CreateTopicsRequest request, CreateTopicsRequest.Topic topic) {
        try {
            return controller.createTopic(checked(request, topic)).thenApply(result -> answer(topic.name(), result));
        } catch (RefusedException e) {
            return CompletableFuture.completedFuture(
                    CreateTopicsResponse.Topic.error(topic.name(), e.error, e.getMessage()));
        }
    }

    private static NewTopic checked(CreateTopicsRequest request, CreateTopicsRequest.Topic topic)
            throws RefusedException {
        String name = topic.name();
        if (!TopicNames.isLegal(name)) {
            throw new RefusedException(
                    ErrorCode.INVALID_TOPIC_EXCEPTION,
                    "A topic cannot be called '" + name
                            + "'; a name has 1 to 249 of the characters a-z A-Z 0-9 . _ - and is neither . nor ..");
        }
        boolean isNamedOnce = request.topics().stream()
                        .filter(other -> other.name().equals(name))
                        .count()
                == 1;
        if (!isNamedOnce) {
            throw new RefusedException(
                    ErrorCode.INVALID_REQUEST, "The request names topic " + name + " more than once");
        }
        if (!topic.assignments().isEmpty() && (topic.numPartitions() != -1 || topic.replicationFactor() != -1)) {
            throw new RefusedException(
                    ErrorCode.INVALID_REQUEST,
                    "Topic " + name
                            + " comes with an assignment, so its numbers of partitions and replicas must both be -1");
        }
        return new NewTopic(
                name,
                topic.numPartitions(),
                topic.replicationFactor(),
                assignment(topic),
                configuration(topic),
                request.validateOnly());
    }

    private static List<List<Integer>> assignment(CreateTopicsRequest.Topic topic) throws RefusedException {
        var byIndex = new TreeMap<Integer, List<Integer>>();
        for (CreateTopicsRequest.ReplicaAssignment assignment : topic.assignments()) {
            byIndex.put(assignment.partitionIndex(), assignment.brokerIds());
        }
        boolean isGapless = byIndex.size() == topic.assignments().size()
                && (byIndex.isEmpty() || (byIndex.firstKey() == 0 && byIndex.lastKey() == byIndex.size() - 1));
        if (!isGapless) {
            throw new RefusedException(
                    ErrorCode.INVALID_REPLICA_ASSIGNMENT,
                    "The assignment of topic " + topic.name() + " names partitions " + byIndex.keySet()
                            + "; it must name each once, from 0 on without a gap");
        }
        return new ArrayList<>(byIndex.values());
    }

    private static Map<String, String> configuration(CreateTopicsRequest.Topic topic) throws RefusedException {
        var configuration = new HashMap<String, String>();
        for (CreateTopicsRequest.Config config : topic.configs()) {
            String value = config.value();
            if (value == null) {
                throw new RefusedException(ErrorCode.INVALID_CONFIG, "The value of " + config.name() + " is missing");
            }
            configuration.put(config.name(), value);
        }
        try {
            TopicRules.check(configuration);
        } catch (ConfigurationException e) {
            throw new RefusedException(ErrorCode.INVALID_CONFIG, String.valueOf(e.getMessage()));
        }
        return configuration;
    }

    private CreateTopicsResponse.Topic answer(String name, TopicResult result) {
        return result.topic()
                .filter(topic -> !result.errorCode().isError())
                .map(this::created)
                .orElseGet(() -> CreateTopicsResponse.Topic.error(name, result.errorCode(), result.message()));
    }

    private CreateTopicsResponse.Topic created(TopicImage topic) {
        List<CreateTopicsResponse.Config> configs = TopicRules.keys().stream()
                .map(key -> effective(key, topic.configuration()))
                .toList();
        int replicas =
                topic.assignment().isEmpty() ? 0 : topic.assignment().get(0).size();
        return new CreateTopicsResponse.Topic(
                topic.name(),
                topic.topicId(),
                ErrorCode.NONE,
                null,
                topic.partitionCount(),
                (short) replicas,
                configs,
                ErrorCode.NONE);
    }

    /** What holds for a new topic, whether it was wished or is what the brokers have (KIP-525). */
    private CreateTopicsResponse.Config effective(ConfigurationKey<?> key, Map<String, String> configuration) {
        SettingValue value =
                settings.topicValues(key, configuration, store.image()).get(0);
        return new CreateTopicsResponse.Config(
                key.name(),
                key.isSensitive() ? null : value.value(),
                key.name().equals(DestinationKind.CONFIGURATION_KEY),
                value.source().code(),
                key.isSensitive());
    }

    public CompletableFuture<DeleteTopicsResponse> delete(DeleteTopicsRequest request) {
        var topics = new ArrayList<CompletableFuture<DeleteTopicsResponse.Topic>>();
        request.topicNames().forEach(name -> topics.add(delete(name)));
        request.topics()
                .forEach(topic -> topics.add(topic.name() != null ? delete(topic.name()) : delete(topic.topicId())));
        return Futures.all(topics).thenApply(answers -> new DeleteTopicsResponse(0, answers));
    }

    private CompletableFuture<DeleteTopicsResponse.Topic> delete(UUID topicId) {
        Optional<TopicImage> topic = store.image().topic(topicId);
        if (topic.isPresent()) {
            return delete(topic.get().name());
        }
        return CompletableFuture.completedFuture(new DeleteTopicsResponse.Topic(
                null, topicId, ErrorCode.UNKNOWN_TOPIC_ID, "There is no topic with the id " + topicId));
    }

    private CompletableFuture<DeleteTopicsResponse.Topic> delete(String name) {
        if (!mayDelete) {
            return CompletableFuture.completedFuture(new DeleteTopicsResponse.Topic(
                    name,
                    NO_ID,
                    ErrorCode.TOPIC_DELETION_DISABLED,
                    "Topics are not deleted here: delete.topic.enable=false"));
        }
        return controller
                .deleteTopic(name)
                .thenApply(result -> new DeleteTopicsResponse.Topic(
                        name,
                        result.topic().map(TopicImage::topicId).orElse(NO_ID),
                        result.errorCode(),
                        result.message().isEmpty() ? null : result.message()));
    }

    /** Whether the controller is elsewhere, so that nothing at all has been done. */
    public static boolean isElsewhere(CreateTopicsResponse response) {
        return !response.topics().isEmpty()
                && response.topics().stream().allMatch(topic -> topic.errorCode() == ErrorCode.NOT_CONTROLLER);
    }

    /** Whether the controller is elsewhere, so that nothing at all has been done. */
    public static boolean isElsewhere(DeleteTopicsResponse response) {
        return !response.responses().isEmpty()
                && response.responses().stream().allMatch(topic -> topic.errorCode() == ErrorCode.NOT_CONTROLLER);
    }

    /** What the client is told about one topic. */
    private static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;

        private final ErrorCode error;

        RefusedException(ErrorCode error, String message) {
            super(message);
            this.error = error;
        }
    }
}
