package io.millrace.server.administration;

import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.SettingsScope;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.AlterClientQuotasRequest;
import io.millrace.protocol.message.AlterClientQuotasRequest.Operation;
import io.millrace.protocol.message.AlterClientQuotasResponse;
import io.millrace.protocol.message.ApiKey;
import io.millrace.protocol.message.DescribeClientQuotasRequest;
import io.millrace.protocol.message.DescribeClientQuotasResponse;
import io.millrace.replication.controller.Controller;
import io.millrace.replication.controller.SettingsOutcome;
import io.millrace.server.quota.QuotaKey;
import io.millrace.server.request.ClusterView;
import io.millrace.server.request.ControllerCall;
import io.millrace.server.request.ControllerRoute;
import io.millrace.server.request.Forwarding;
import io.millrace.server.request.Futures;
import io.millrace.server.request.RequestHandlers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * The handlers that tell and change quotas (KIP-546). The controller changes them; all brokers apply them as soon as they hear of it.
 *
 * <p>Errors: INVALID_REQUEST, UNSUPPORTED_VERSION for kinds of entities that are not known, and the controller's.
 */
record QuotaHandlers(ClusterView cluster, ControllerRoute route, Controller controller) {
    private static final int CHANGE_TIMEOUT_MS = 30_000;
    private static final Set<String> KINDS = Set.of(SettingsScope.USER, SettingsScope.CLIENT_ID);
    private static final byte EXACT = 0;
    private static final byte DEFAULT = 1;
    private static final byte ANY = 2;

    void addTo(RequestHandlers table) {
        table.add(
                        ApiKey.DESCRIBE_CLIENT_QUOTAS,
                        DescribeClientQuotasRequest.class,
                        (context, request) -> CompletableFuture.completedFuture(describe(cluster.image(), request)))
                .add(
                        ApiKey.ALTER_CLIENT_QUOTAS,
                        AlterClientQuotasRequest.class,
                        (context, request) -> change(request, !Forwarding.isForwarded(context)));
    }

    // ---- telling

    private static DescribeClientQuotasResponse describe(ClusterImage image, DescribeClientQuotasRequest request) {
        try {
            checkComponents(request);
        } catch (RefusedException e) {
            return new DescribeClientQuotasResponse(0, e.error(), e.message(), null);
        }
        var entries = new ArrayList<DescribeClientQuotasResponse.Entry>();
        image.settings().forEach((scope, settings) -> {
            if (scope.isOfClients() && matches(scope, request)) {
                entries.add(new DescribeClientQuotasResponse.Entry(entities(scope), values(settings)));
            }
        });
        return new DescribeClientQuotasResponse(0, ErrorCode.NONE, null, entries);
    }

    private static void checkComponents(DescribeClientQuotasRequest request) throws RefusedException {
        var kinds = new HashSet<String>();
        for (DescribeClientQuotasRequest.Component component : request.components()) {
            String kind = component.entityType();
            if (!KINDS.contains(kind)) {
                throw new RefusedException(
                        ErrorCode.UNSUPPORTED_VERSION,
                        "There are no quotas of entities of the type '" + kind + "', only of " + KINDS);
            }
            if (!kinds.add(kind)) {
                throw new RefusedException(
                        ErrorCode.INVALID_REQUEST, "The filter names the type " + kind + " more than once");
            }
            boolean isNamed = component.match() != null;
            boolean isRight = component.matchType() == EXACT
                    ? isNamed
                    : (component.matchType() == DEFAULT || component.matchType() == ANY) && !isNamed;
            if (!isRight) {
                throw new RefusedException(
                        ErrorCode.INVALID_REQUEST,
                        "The match type " + component.matchType() + " with the name " + component.match()
                                + " means nothing; 0 needs a name, 1 (default) and 2 (any) have none");
            }
        }
    }

    private static boolean matches(SettingsScope scope, DescribeClientQuotasRequest request) {
        boolean areAllMet = request.components().stream().allMatch(component -> scope.name(component.entityType())
                .filter(name -> switch (component.matchType()) {
                    case EXACT -> name.equals(component.match());
                    case DEFAULT -> name.equals(SettingsScope.DEFAULT);
                    default -> true;
                })
                .isPresent());
        boolean hasMore = scope.names().size() > request.components().size();
        return areAllMet && !(request.strict() && hasMore);
    }

    private static List<DescribeClientQuotasResponse.Entity> entities(SettingsScope scope) {
        var entities = new ArrayList<DescribeClientQuotasResponse.Entity>();
        new TreeMap<>(scope.names())
                .forEach((kind, name) -> entities.add(new DescribeClientQuotasResponse.Entity(
                        kind, name.equals(SettingsScope.DEFAULT) ? null : name)));
        return entities;
    }

    private static List<DescribeClientQuotasResponse.Value> values(Map<String, String> settings) {
        var values = new ArrayList<DescribeClientQuotasResponse.Value>();
        new TreeMap<>(settings)
                .forEach((key, value) ->
                        values.add(new DescribeClientQuotasResponse.Value(key, Double.parseDouble(value))));
        return values;
    }

    // ---- changing

    private CompletableFuture<AlterClientQuotasResponse> change(AlterClientQuotasRequest request, boolean mayForward) {
        return route.call(
                new ControllerCall<AlterClientQuotasResponse>(
                        request, () -> changeHere(request), QuotaHandlers::isElsewhere, CHANGE_TIMEOUT_MS),
                mayForward);
    }

    private static boolean isElsewhere(AlterClientQuotasResponse response) {
        return !response.entries().isEmpty()
                && response.entries().stream().allMatch(entry -> entry.errorCode() == ErrorCode.NOT_CONTROLLER);
    }

    private CompletableFuture<AlterClientQuotasResponse> changeHere(AlterClientQuotasRequest request) {
        var results = new ArrayList<CompletableFuture<AlterClientQuotasResponse.Entry>>();
        for (AlterClientQuotasRequest.Entry entry : request.entries()) {
            results.add(change(entry, request.validateOnly())
                    .thenApply(outcome -> new AlterClientQuotasResponse.Entry(
                            outcome.errorCode(),
                            outcome.message().isEmpty() ? null : outcome.message(),
                            entry.entity())));
        }
        return Futures.all(results).thenApply(all -> new AlterClientQuotasResponse(0, all));
    }

    private CompletableFuture<SettingsOutcome> change(AlterClientQuotasRequest.Entry entry, boolean validateOnly) {
        try {
            SettingsScope scope = scope(entry.entity());
            checkOperations(entry.ops());
            return controller.changeSettings(
                    scope, before -> SettingsOutcome.of(changed(before.settings(), entry.ops())), validateOnly);
        } catch (RefusedException e) {
            return CompletableFuture.completedFuture(SettingsOutcome.refused(e.error(), e.message()));
        }
    }

    private static SettingsScope scope(List<AlterClientQuotasRequest.Entity> entities) throws RefusedException {
        var names = new HashMap<String, String>();
        for (AlterClientQuotasRequest.Entity entity : entities) {
            String name = entity.entityName();
            boolean isRight = KINDS.contains(entity.entityType())
                    && (name == null || !name.isEmpty())
                    && !names.containsKey(entity.entityType());
            if (!isRight) {
                throw new RefusedException(
                        ErrorCode.INVALID_REQUEST,
                        "The entity " + entity.entityType() + "=" + name + " cannot have quotas; it must be one of "
                                + KINDS
                                + ", each at most once, with a name that is not empty, or null for the default");
            }
            names.put(entity.entityType(), name == null ? SettingsScope.DEFAULT : name);
        }
        if (names.isEmpty()) {
            throw new RefusedException(
                    ErrorCode.INVALID_REQUEST, "A quota is for nobody; it must name at least one of " + KINDS);
        }
        return new SettingsScope(names);
    }

    private static void checkOperations(List<Operation> operations) throws RefusedException {
        var seen = new HashSet<String>();
        for (Operation operation : operations) {
            String key = operation.key();
            if (QuotaKey.of(key).isEmpty()) {
                throw new RefusedException(
                        ErrorCode.INVALID_REQUEST,
                        "The quota " + key + " is not kept here; "
                                + Arrays.stream(QuotaKey.values())
                                        .map(QuotaKey::key)
                                        .collect(Collectors.joining(" and "))
                                + " are");
            }
            boolean isRight = operation.remove() || (operation.value() > 0 && Double.isFinite(operation.value()));
            if (!isRight) {
                throw new RefusedException(
                        ErrorCode.INVALID_REQUEST, key + "=" + operation.value() + " is not valid; it must be above 0");
            }
            if (!seen.add(key)) {
                throw new RefusedException(
                        ErrorCode.INVALID_REQUEST, "The request names " + key + " of one entity more than once");
            }
        }
    }

    private static Map<String, String> changed(Map<String, String> before, List<Operation> operations) {
        var after = new HashMap<>(before);
        for (Operation operation : operations) {
            if (operation.remove()) {
                after.remove(operation.key());
            } else {
                after.put(operation.key(), Double.toString(operation.value()));
            }
        }
        return after;
    }
}
