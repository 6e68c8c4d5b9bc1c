package io.millrace.client;

import io.millrace.client.AdminCalls.Question;
import io.millrace.client.AdminCalls.Target;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.AlterClientQuotasRequest;
import io.millrace.protocol.message.AlterClientQuotasResponse;
import io.millrace.protocol.message.DescribeClientQuotasRequest;
import io.millrace.protocol.message.DescribeClientQuotasResponse;
import io.millrace.protocol.message.DescribeConfigsRequest;
import io.millrace.protocol.message.DescribeConfigsResponse;
import io.millrace.protocol.message.IncrementalAlterConfigsRequest;
import io.millrace.protocol.message.IncrementalAlterConfigsResponse;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks any broker about topics and quotas, and each broker about itself; changes are taken to the controller by whoever is asked. Safe for use by any
 * thread. Each call ends within the request timeout.
 */
final class NetworkConfigurationAdmin implements ConfigurationAdmin {
    private static final byte TOPIC = 2;
    private static final byte BROKER = 4;
    private static final String ALL_BROKERS = "";
    private static final byte SET = 0;
    private static final byte DELETE = 1;

    private final AdminCalls calls;
    private final Supplier<CompletableFuture<ClusterDescription>> cluster;

    NetworkConfigurationAdmin(AdminCalls calls, Supplier<CompletableFuture<ClusterDescription>> cluster) {
        this.calls = calls;
        this.cluster = cluster;
    }

    /** A subject as requests name it. */
    private record Resource(byte type, String name) {
        static Resource of(Subject subject) {
            if (subject instanceof Subject.Topic topic) {
                return new Resource(TOPIC, topic.name());
            }
            return subject instanceof Subject.Broker broker
                    ? new Resource(BROKER, Integer.toString(broker.id()))
                    : new Resource(BROKER, ALL_BROKERS);
        }

        @Override
        public String toString() {
            if (type == TOPIC) {
                return "\"" + name + "\"";
            }
            return name.equals(ALL_BROKERS) ? "all brokers" : "broker " + name;
        }
    }

    @Override
    public CompletableFuture<Map<String, Setting>> describe(Subject subject) {
        Resource resource = Resource.of(subject);
        var asked = new DescribeConfigsRequest.Resource(resource.type(), resource.name(), null);
        var request = new DescribeConfigsRequest(List.of(asked), true, true);
        String what = "describe the settings of " + resource;
        return target(subject)
                .thenCompose(target -> calls.ask(
                        Question.of(what, target, request, (DescribeConfigsResponse response) -> response.results()
                                .get(0)
                                .errorCode())))
                .thenApply(response -> {
                    DescribeConfigsResponse.Result result = response.results().get(0);
                    refuse(what, result.errorCode(), result.errorMessage());
                    var settings = new TreeMap<String, Setting>();
                    result.configs().forEach(config -> settings.put(config.name(), setting(config)));
                    return settings;
                });
    }

    /** Only a broker itself knows what its file says. */
    private CompletableFuture<Target> target(Subject subject) {
        if (!(subject instanceof Subject.Broker wanted)) {
            return CompletableFuture.completedFuture(new Target.Any());
        }
        return cluster.get().thenApply(description -> description.brokers().stream()
                .filter(broker -> broker.id() == wanted.id())
                .map(broker -> (Target) new Target.Broker(new BrokerNode(broker.id(), broker.host(), broker.port())))
                .findAny()
                .orElseThrow(() -> new ClientException(
                        ErrorCode.BROKER_NOT_AVAILABLE,
                        "There is no broker " + wanted.id() + " alive; alive are "
                                + description.brokers().stream()
                                        .map(ClusterDescription.Broker::id)
                                        .toList())));
    }

    private static void refuse(String what, ErrorCode error, @Nullable String message) {
        if (error.isError()) {
            throw new ClientException(
                    error, "The cluster did not " + what + ": " + error + (message == null ? "" : ", " + message));
        }
    }

    private static Setting setting(DescribeConfigsResponse.Config config) {
        return new Setting(
                config.name(),
                config.value(),
                source(config.configSource()),
                config.readOnly(),
                config.isSensitive(),
                config.synonyms().stream()
                        .map(each -> new Value(each.name(), each.value(), source(each.source())))
                        .toList(),
                config.documentation());
    }

    private static Source source(byte code) {
        return switch (code) {
            case 1 -> Source.TOPIC;
            case 2 -> Source.BROKER;
            case 3 -> Source.ALL_BROKERS;
            case 4 -> Source.BROKER_FILE;
            case 5 -> Source.DEFAULT;
            default -> Source.UNKNOWN;
        };
    }

    @Override
    public CompletableFuture<Map<String, String>> valuesOfTopics(Collection<String> topics, String setting) {
        var asked = topics.stream()
                .map(topic -> new DescribeConfigsRequest.Resource(TOPIC, topic, List.of(setting)))
                .toList();
        Question<DescribeConfigsResponse> question = Question.of(
                "tell " + setting + " of " + topics.size() + " topics",
                new Target.Any(),
                new DescribeConfigsRequest(asked, false, false),
                response -> ErrorCode.NONE);
        return calls.ask(question).thenApply(response -> {
            var values = new HashMap<String, String>();
            for (DescribeConfigsResponse.Result result : response.results()) {
                if (result.errorCode() != ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) {
                    refuse(question.what(), result.errorCode(), result.errorMessage());
                }
                result.configs().forEach(config -> {
                    if (config.value() != null) {
                        values.put(result.resourceName(), config.value());
                    }
                });
            }
            return values;
        });
    }

    @Override
    public CompletableFuture<Void> change(
            Subject subject, Map<String, String> set, Set<String> delete, boolean validateOnly) {
        Resource resource = Resource.of(subject);
        var configs = new ArrayList<IncrementalAlterConfigsRequest.Config>();
        set.forEach((name, value) -> configs.add(new IncrementalAlterConfigsRequest.Config(name, SET, value)));
        delete.forEach(name -> configs.add(new IncrementalAlterConfigsRequest.Config(name, DELETE, null)));
        var asked = new IncrementalAlterConfigsRequest.Resource(resource.type(), resource.name(), configs);
        Question<IncrementalAlterConfigsResponse> question = Question.of(
                "change the settings of " + resource,
                new Target.Any(),
                new IncrementalAlterConfigsRequest(List.of(asked), validateOnly),
                response -> response.responses().get(0).errorCode());
        return calls.ask(question).thenApply(response -> {
            IncrementalAlterConfigsResponse.Result result = response.responses().get(0);
            refuse(question.what(), result.errorCode(), result.errorMessage());
            return null;
        });
    }

    @Override
    public CompletableFuture<Map<QuotaSubject, Map<String, Double>>> quotas() {
        Question<DescribeClientQuotasResponse> question = Question.of(
                "describe quotas",
                new Target.Any(),
                new DescribeClientQuotasRequest(List.of(), false),
                DescribeClientQuotasResponse::errorCode);
        return calls.ask(question).thenApply(response -> {
            refuse(question.what(), response.errorCode(), response.errorMessage());
            var quotas = new LinkedHashMap<QuotaSubject, Map<String, Double>>();
            List<DescribeClientQuotasResponse.Entry> entries = response.entries();
            if (entries != null) {
                entries.forEach(entry -> quotas.put(subject(entry), values(entry)));
            }
            return quotas;
        });
    }

    private static QuotaSubject subject(DescribeClientQuotasResponse.Entry entry) {
        var names = new TreeMap<String, @Nullable String>();
        entry.entity().forEach(entity -> names.put(entity.entityType(), entity.entityName()));
        return new QuotaSubject(names);
    }

    private static Map<String, Double> values(DescribeClientQuotasResponse.Entry entry) {
        var values = new TreeMap<String, Double>();
        entry.values().forEach(value -> values.put(value.key(), value.value()));
        return values;
    }

    @Override
    public CompletableFuture<Void> changeQuotas(
            QuotaSubject subject, Map<String, Double> set, Set<String> delete, boolean validateOnly) {
        var entities = new ArrayList<AlterClientQuotasRequest.Entity>();
        subject.names().forEach((type, name) -> entities.add(new AlterClientQuotasRequest.Entity(type, name)));
        var operations = new ArrayList<AlterClientQuotasRequest.Operation>();
        set.forEach((key, value) -> operations.add(new AlterClientQuotasRequest.Operation(key, value, false)));
        delete.forEach(key -> operations.add(new AlterClientQuotasRequest.Operation(key, 0, true)));
        Question<AlterClientQuotasResponse> question = Question.of(
                "change the quotas of " + subject.names(),
                new Target.Any(),
                new AlterClientQuotasRequest(
                        List.of(new AlterClientQuotasRequest.Entry(entities, operations)), validateOnly),
                response -> response.entries().get(0).errorCode());
        return calls.ask(question).thenApply(response -> {
            AlterClientQuotasResponse.Entry result = response.entries().get(0);
            refuse(question.what(), result.errorCode(), result.errorMessage());
            return null;
        });
    }
}
