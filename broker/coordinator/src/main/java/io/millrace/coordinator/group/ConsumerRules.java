package io.millrace.coordinator.group;

/** The rules of each consumer group (KIP-848): those of all, unless it has some of its own. Thread-safe; they may change at any time. */
@FunctionalInterface
public interface ConsumerRules {
    /** What holds for a group, which need not exist. */
    GroupConfiguration.Consumers of(String groupId);
}
