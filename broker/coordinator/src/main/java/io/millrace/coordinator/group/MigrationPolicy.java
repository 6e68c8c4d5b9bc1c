package io.millrace.coordinator.group;

import java.util.Locale;
import java.util.stream.Stream;

/** {@code group.consumer.migration.policy}: whether a group with members may change its protocol (KIP-848). */
public enum MigrationPolicy {
    DISABLED(false, false),
    UPGRADE(true, false),
    DOWNGRADE(false, true),
    BIDIRECTIONAL(true, true);

    private final boolean upgrades;
    private final boolean downgrades;

    MigrationPolicy(boolean upgrades, boolean downgrades) {
        this.upgrades = upgrades;
        this.downgrades = downgrades;
    }

    /** Whether a classic group becomes a consumer group when the first member joins that speaks the newer protocol. */
    boolean upgrades() {
        return upgrades;
    }

    /** Whether a consumer group becomes a classic one when the last member leaves that speaks the newer protocol. */
    boolean downgrades() {
        return downgrades;
    }

    /** Whether members of both protocols may be in one group. */
    boolean mixes() {
        return upgrades || downgrades;
    }

    public String configName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException if there is no such policy */
    public static MigrationPolicy ofConfigName(String name) {
        return Stream.of(values())
                .filter(policy -> policy.configName().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("group.consumer.migration.policy=" + name
                        + " is not valid; it must be disabled, upgrade, downgrade or bidirectional"));
    }
}
