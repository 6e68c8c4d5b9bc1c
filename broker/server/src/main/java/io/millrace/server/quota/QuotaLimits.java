package io.millrace.server.quota;

import io.millrace.metadata.SettingsScope;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * All quotas of the cluster, and which of them holds for a client: the most specific one, in Kafka's order (KIP-55). Immutable.
 */
final class QuotaLimits {
    static final QuotaLimits NONE = new QuotaLimits(Map.of());

    /**
     * A quota that holds.
     *
     * @param sharers who uses it up together: a user, a client id, or a user's client id, even where the quota is a default
     */
    record Limit(SettingsScope sharers, double perSecond) {}

    private final Map<SettingsScope, Map<String, String>> settings;
    private final Set<QuotaKey> present = EnumSet.noneOf(QuotaKey.class); // filled by the constructor only

    private QuotaLimits(Map<SettingsScope, Map<String, String>> settings) {
        this.settings = Map.copyOf(settings);
        settings.values().forEach(quotas -> quotas.keySet()
                .forEach(key -> QuotaKey.of(key).ifPresent(present::add)));
    }

    static QuotaLimits of(Map<SettingsScope, Map<String, String>> all) {
        var quotas = new HashMap<>(all);
        quotas.keySet().removeIf(scope -> !scope.isOfClients());
        return quotas.isEmpty() ? NONE : new QuotaLimits(quotas);
    }

    boolean has(QuotaKey key) {
        return present.contains(key);
    }

    Optional<Limit> find(QuotaKey key, String user, String clientId) {
        if (!has(key)) {
            return Optional.empty();
        }
        String other = SettingsScope.DEFAULT;
        var both = scope(user, clientId);
        var ofUser = new SettingsScope(Map.of(SettingsScope.USER, user));
        var ofClient = new SettingsScope(Map.of(SettingsScope.CLIENT_ID, clientId));
        List<Candidate> bySpecificity = List.of(
                new Candidate(both, both),
                new Candidate(scope(user, other), both),
                new Candidate(ofUser, ofUser),
                new Candidate(scope(other, clientId), both),
                new Candidate(scope(other, other), both),
                new Candidate(new SettingsScope(Map.of(SettingsScope.USER, other)), ofUser),
                new Candidate(ofClient, ofClient),
                new Candidate(new SettingsScope(Map.of(SettingsScope.CLIENT_ID, other)), ofClient));
        return bySpecificity.stream()
                .flatMap(candidate -> limit(key, candidate).stream())
                .findFirst();
    }

    private record Candidate(SettingsScope scope, SettingsScope sharers) {}

    private static SettingsScope scope(String user, String clientId) {
        return new SettingsScope(Map.of(SettingsScope.USER, user, SettingsScope.CLIENT_ID, clientId));
    }

    private Optional<Limit> limit(QuotaKey key, Candidate candidate) {
        String value = settings.getOrDefault(candidate.scope(), Map.of()).get(key.key());
        return Optional.ofNullable(value).map(text -> new Limit(candidate.sharers(), Double.parseDouble(text)));
    }
}
