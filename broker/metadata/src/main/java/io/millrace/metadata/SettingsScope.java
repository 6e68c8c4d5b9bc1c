package io.millrace.metadata;

import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Whom settings concern that are kept for the cluster and not for a topic: a broker, a user, a client, or a user's client, each of them by
 * its name or as {@link #DEFAULT}; or a group, by its id. Immutable.
 *
 * @param names by kind, {@link #BROKER}, {@link #USER}, {@link #CLIENT_ID} and {@link #GROUP}
 */
public record SettingsScope(Map<String, String> names) {
    public static final String BROKER = "broker";
    public static final String USER = "user";
    public static final String CLIENT_ID = "client-id";
    public static final String GROUP = "group";

    /** Stands for all that have no settings of their own. */
    public static final String DEFAULT = "";

    /** What holds for every broker. */
    public static final SettingsScope ALL_BROKERS = new SettingsScope(Map.of(BROKER, DEFAULT));

    public SettingsScope {
        names = Map.copyOf(names);
    }

    public static SettingsScope broker(int brokerId) {
        return new SettingsScope(Map.of(BROKER, Integer.toString(brokerId)));
    }

    public static SettingsScope group(String groupId) {
        return new SettingsScope(Map.of(GROUP, groupId));
    }

    /** The name of one kind, or empty where the scope says nothing about it. */
    public Optional<String> name(String kind) {
        return Optional.ofNullable(names.get(kind));
    }

    public boolean isOfBrokers() {
        return names.containsKey(BROKER);
    }

    /** Whether the settings are quotas: those of users, of clients, or of users' clients. */
    public boolean isOfClients() {
        return names.containsKey(USER) || names.containsKey(CLIENT_ID);
    }

    @Override
    public String toString() {
        return new TreeMap<>(names).toString();
    }
}
