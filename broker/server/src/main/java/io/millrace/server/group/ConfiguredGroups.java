package io.millrace.server.group;

import io.millrace.coordinator.group.ConsumerRules;
import io.millrace.coordinator.group.GroupConfiguration;
import io.millrace.metadata.ClusterImage;
import io.millrace.metadata.SettingsScope;
import io.millrace.server.configuration.BrokerSettings;
import io.millrace.server.configuration.GroupKeys;
import java.util.HashMap;
import java.util.Map;

/**
 * The rules of consumer groups as they are configured in the cluster: for single groups, and for all others by the brokers.
 *
 * <p>Followed by one thread at a time, asked by any.
 */
public final class ConfiguredGroups implements ConsumerRules {
    /** A group that has no settings, for no group can be called so. */
    private static final String ANY = "";

    private record Rules(GroupConfiguration.Consumers byDefault, Map<String, GroupConfiguration.Consumers> own) {}

    private final BrokerSettings settings;
    private final GroupConfiguration.Consumers given;
    private Map<SettingsScope, Map<String, String>> followed = Map.of();
    private volatile Rules rules;

    /** @param given what is the same for all groups for as long as the broker runs */
    public ConfiguredGroups(BrokerSettings settings, GroupConfiguration.Consumers given) {
        this.settings = settings;
        this.given = given;
        this.rules = new Rules(of(ANY, ClusterImage.EMPTY), Map.of());
    }

    public void follow(ClusterImage image) {
        if (image.settings().equals(followed)) {
            return;
        }
        followed = image.settings();
        var own = new HashMap<String, GroupConfiguration.Consumers>();
        followed.keySet().forEach(scope -> scope.name(SettingsScope.GROUP)
                .ifPresent(groupId -> own.put(groupId, of(groupId, image))));
        rules = new Rules(of(ANY, image), Map.copyOf(own));
    }

    private GroupConfiguration.Consumers of(String groupId, ClusterImage image) {
        return given.withTimes(
                settings.ofGroup(GroupKeys.CONSUMER_SESSION, groupId, image),
                settings.ofGroup(GroupKeys.CONSUMER_HEARTBEAT, groupId, image));
    }

    @Override
    public GroupConfiguration.Consumers of(String groupId) {
        Rules now = rules;
        return now.own().getOrDefault(groupId, now.byDefault());
    }
}
