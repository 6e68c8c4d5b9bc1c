package io.millrace.client;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Administration of settings and of quotas. Safe for use by any thread; futures fail with a {@link ClientException}. */
public interface ConfigurationAdmin {

    /** What is configured. */
    sealed interface Subject {
        /** A topic or queue. */
        record Topic(String name) implements Subject {}

        /** One broker: what its file says, and what was set for it or for all. */
        record Broker(int id) implements Subject {}

        /** What was set for all brokers. */
        record AllBrokers() implements Subject {}
    }

    /** Where a value comes from; what stands first is stronger. */
    enum Source {
        TOPIC,
        BROKER,
        ALL_BROKERS,
        BROKER_FILE,
        DEFAULT,
        UNKNOWN
    }

    /** One value of a setting, of the several that it may have. */
    record Value(String name, @Nullable String value, Source source) {}

    /**
     * A setting.
     *
     * @param value in force; null where it is secret, or there is none
     * @param isReadOnly whether it cannot be changed while the subject is there
     * @param values all that it has, that in force first
     * @param purpose what it does; null where the broker does not say
     */
    record Setting(
            String name,
            @Nullable String value,
            Source source,
            boolean isReadOnly,
            boolean isSecret,
            List<Value> values,
            @Nullable String purpose) {}

    /** The settings of a subject, by name. */
    CompletableFuture<Map<String, Setting>> describe(Subject subject);

    /** The value in force of one setting of many topics; a topic that is not there is absent. */
    CompletableFuture<Map<String, String>> valuesOfTopics(Collection<String> topics, String setting);

    /**
     * Changes some settings and leaves the others.
     *
     * @param set new values
     * @param delete settings that get their default again
     * @param validateOnly whether to check only
     */
    CompletableFuture<Void> change(Subject subject, Map<String, String> set, Set<String> delete, boolean validateOnly);

    /**
     * Whom a quota is for.
     *
     * @param names by type, {@code user} or {@code client-id}; null for all that have no quota of their own
     */
    record QuotaSubject(Map<String, @Nullable String> names) {}

    /** Quotas by whom they are for, then by name. */
    CompletableFuture<Map<QuotaSubject, Map<String, Double>>> quotas();

    CompletableFuture<Void> changeQuotas(
            QuotaSubject subject, Map<String, Double> set, Set<String> delete, boolean validateOnly);
}
