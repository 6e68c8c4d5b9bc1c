package io.millrace.server.administration;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.SettingsScope;
import io.millrace.metadata.TopicImage;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.AlterConfigsRequest;
import io.millrace.protocol.message.AlterConfigsResponse;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.DescribeConfigsRequest;
import io.millrace.protocol.message.IncrementalAlterConfigsRequest;
import io.millrace.protocol.message.IncrementalAlterConfigsResponse;
import io.millrace.protocol.message.ListConfigResourcesRequest;
import io.millrace.protocol.message.ListConfigResourcesResponse;
import io.millrace.protocol.message.Request;
import io.millrace.protocol.message.Response;
import io.millrace.replication.controller.SettingsOutcome;
import io.millrace.server.administration.ConfigurationChanges.Wish;
import io.millrace.server.administration.SettingWish.Operation;
import io.millrace.server.configuration.BrokerSettings;
import io.millrace.server.request.ClusterView;
import io.millrace.server.request.ControllerCall;
import io.millrace.server.request.ControllerRoute;
import io.millrace.server.request.Forwarding;
import io.millrace.server.request.RequestHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The handlers of requests about configurations. They are told by the broker that is asked, as it knows them, and changed by the controller; a
 * change is answered when this broker knows of it.
 */
record ConfigurationHandlers(
        ClusterView cluster, ControllerRoute controller, ConfigurationChanges changes, BrokerSettings settings) {
    private static final int CHANGE_TIMEOUT_MS = 30_000;
    private static final long KNOWN_TIMEOUT_MS = 1_000;

    void addTo(RequestHandlers table) {
        var descriptions = new ConfigurationDescriptions(settings);
        table.add(
                        ApiKey.DESCRIBE_CONFIGS,
                        DescribeConfigsRequest.class,
                        (context, request) ->
                                CompletableFuture.completedFuture(descriptions.describe(cluster.image(), request)))
                .add(
                        ApiKey.LIST_CONFIG_RESOURCES,
                        ListConfigResourcesRequest.class,
                        (context, request) ->
                                CompletableFuture.completedFuture(list(cluster.image(), request, context.apiVersion())))
                .add(
                        ApiKey.ALTER_CONFIGS,
                        AlterConfigsRequest.class,
                        (context, request) -> replace(request, !Forwarding.isForwarded(context)))
                .add(
                        ApiKey.INCREMENTAL_ALTER_CONFIGS,
                        IncrementalAlterConfigsRequest.class,
                        (context, request) -> change(request, !Forwarding.isForwarded(context)));
    }

    // ---- changing

    private CompletableFuture<AlterConfigsResponse> replace(AlterConfigsRequest request, boolean mayForward) {
        var wishes = request.resources().stream()
                .map(resource -> new Wish(
                        resource.resourceType(),
                        resource.resourceName(),
                        resource.configs().stream()
                                .map(config -> new SettingWish(config.name(), Operation.SET, config.value()))
                                .toList(),
                        true))
                .toList();
        return change(
                request,
                new Change(wishes, request.validateOnly(), mayForward),
                outcomes -> answer(wishes, outcomes),
                ConfigurationHandlers::errors);
    }

    private static AlterConfigsResponse answer(List<Wish> wishes, List<SettingsOutcome> outcomes) {
        var results = new ArrayList<AlterConfigsResponse.Result>();
        for (int i = 0; i < wishes.size(); i++) {
            SettingsOutcome outcome = outcomes.get(i);
            Wish wish = wishes.get(i);
            results.add(new AlterConfigsResponse.Result(
                    outcome.errorCode(), orNull(outcome.message()), wish.type(), wish.name()));
        }
        return new AlterConfigsResponse(0, results);
    }

    private static List<ErrorCode> errors(AlterConfigsResponse response) {
        return response.responses().stream()
                .map(AlterConfigsResponse.Result::errorCode)
                .toList();
    }

    private CompletableFuture<IncrementalAlterConfigsResponse> change(
            IncrementalAlterConfigsRequest request, boolean mayForward) {
        var wishes = request.resources().stream()
                .map(resource -> new Wish(
                        resource.resourceType(),
                        resource.resourceName(),
                        resource.configs().stream()
                                .map(config -> new SettingWish(
                                        config.name(), Operation.of(config.configOperation()), config.value()))
                                .toList(),
                        false))
                .toList();
        return change(
                request,
                new Change(wishes, request.validateOnly(), mayForward),
                outcomes -> incrementalAnswer(wishes, outcomes),
                ConfigurationHandlers::errors);
    }

    private static IncrementalAlterConfigsResponse incrementalAnswer(
            List<Wish> wishes, List<SettingsOutcome> outcomes) {
        var results = new ArrayList<IncrementalAlterConfigsResponse.Result>();
        for (int i = 0; i < wishes.size(); i++) {
            SettingsOutcome outcome = outcomes.get(i);
            Wish wish = wishes.get(i);
            results.add(new IncrementalAlterConfigsResponse.Result(
                    outcome.errorCode(), orNull(outcome.message()), wish.type(), wish.name()));
        }
        return new IncrementalAlterConfigsResponse(0, results);
    }

    private static List<ErrorCode> errors(IncrementalAlterConfigsResponse response) {
        return response.responses().stream()
                .map(IncrementalAlterConfigsResponse.Result::errorCode)
                .toList();
    }

    /** What a request asks for, in either way. */
    private record Change(List<Wish> wishes, boolean validateOnly, boolean mayForward) {}

    private <R extends Response> CompletableFuture<R> change(
            Request request,
            Change change,
            Function<List<SettingsOutcome>, R> answer,
            Function<R, List<ErrorCode>> errors) {
        var call = new ControllerCall<R>(
                request,
                () -> changes.change(change.wishes(), change.validateOnly()).thenApply(answer),
                response -> isElsewhere(errors.apply(response)),
                CHANGE_TIMEOUT_MS);
        return controller
                .call(call, change.mayForward())
                .thenCompose(response -> change.validateOnly()
                        ? CompletableFuture.completedFuture(response)
                        : whenKnown(response, change.wishes(), errors.apply(response)));
    }

    private static @Nullable String orNull(String message) {
        return message.isEmpty() ? null : message;
    }

    private static boolean isElsewhere(List<ErrorCode> errors) {
        return !errors.isEmpty() && errors.stream().allMatch(error -> error == ErrorCode.NOT_CONTROLLER);
    }

    /** The controller may be ahead of what this broker has read; whoever asks next should find what was changed. */
    private <R> CompletableFuture<R> whenKnown(R response, List<Wish> wishes, List<ErrorCode> errors) {
        return cluster.await(image -> ConfigurationChanges.areKnown(image, wishes, errors), KNOWN_TIMEOUT_MS)
                .thenApply(known -> response);
    }

    // ---- listing

    private static ListConfigResourcesResponse list(
            ClusterImage image, ListConfigResourcesRequest request, short version) {
        List<Byte> asked = version == 0 ? List.of(ResourceType.CLIENT_METRICS.code()) : request.resourceTypes();
        Set<ResourceType> types = new TreeSet<>(asked.isEmpty() ? List.of(ResourceType.values()) : List.of());
        for (Byte code : asked) {
            Optional<ResourceType> type = ResourceType.of(code);
            if (type.isEmpty()) {
                return new ListConfigResourcesResponse(0, ErrorCode.UNSUPPORTED_VERSION, List.of());
            }
            types.add(type.get());
        }
        var found = new ArrayList<ListConfigResourcesResponse.Resource>();
        if (types.contains(ResourceType.TOPIC)) {
            image.topics().stream()
                    .map(TopicImage::name)
                    .sorted()
                    .map(name -> new ListConfigResourcesResponse.Resource(name, ResourceType.TOPIC.code()))
                    .forEach(found::add);
        }
        if (types.contains(ResourceType.BROKER)) {
            brokers(image).stream()
                    .map(name -> new ListConfigResourcesResponse.Resource(name, ResourceType.BROKER.code()))
                    .forEach(found::add);
        }
        if (types.contains(ResourceType.GROUP)) {
            names(image, SettingsScope.GROUP).stream()
                    .map(name -> new ListConfigResourcesResponse.Resource(name, ResourceType.GROUP.code()))
                    .forEach(found::add);
        }
        return new ListConfigResourcesResponse(0, ErrorCode.NONE, found);
    }

    private static Set<String> brokers(ClusterImage image) {
        Set<String> names = names(image, SettingsScope.BROKER);
        image.brokers().keySet().forEach(id -> names.add(Integer.toString(id)));
        return names;
    }

    private static Set<String> names(ClusterImage image, String kind) {
        var names = new TreeSet<String>();
        image.settings().keySet().forEach(scope -> scope.name(kind).ifPresent(names::add));
        return names;
    }
}
