package io.millrace.cli;

import io.millrace.client.ConfigurationAdmin.QuotaSubject;
import io.millrace.client.ConfigurationAdmin.Subject;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Whose settings, or whose quotas. */
final class ConfigurationTarget {
    private static final String USER = "user";
    private static final String CLIENT_ID = "client-id";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(names = "--topic", paramLabel = "NAME", description = "The settings of a topic or queue.")
    private @Nullable String topic;

    @Option(names = "--broker", paramLabel = "ID", description = "The settings of a broker.")
    private @Nullable Integer broker;

    @Option(names = "--all-brokers", description = "The settings that hold for all brokers.")
    private boolean allBrokers;

    @Option(
            names = "--user",
            paramLabel = "NAME",
            description = "The quotas of a user; with --client-id, of both together.")
    private @Nullable String user;

    @Option(names = "--default-user", description = "The quotas of users who have none of their own.")
    private boolean defaultUser;

    @Option(names = "--client-id", paramLabel = "ID", description = "The quotas of clients that call themselves so.")
    private @Nullable String clientId;

    @Option(names = "--default-client-id", description = "The quotas of clients that have none of their own.")
    private boolean defaultClientId;

    @SuppressWarnings("NullAway.Init") // picocli fills in the options
    ConfigurationTarget() {}

    /** Whether nothing is named at all. */
    boolean isMissing() {
        return named() == 0;
    }

    private int named() {
        boolean isQuota = user != null || defaultUser || clientId != null || defaultClientId;
        return (topic == null ? 0 : 1) + (broker == null ? 0 : 1) + (allBrokers ? 1 : 0) + (isQuota ? 1 : 0);
    }

    private void check() {
        if (named() != 1) {
            throw refusal(
                    "Name one of --topic, --broker, --all-brokers, or a user or client with --user, --default-user,"
                            + " --client-id, --default-client-id");
        }
        if ((user != null && defaultUser) || (clientId != null && defaultClientId)) {
            throw refusal(
                    "A quota is either for one or for all others: leave out --default-user or --default-client-id");
        }
    }

    private ParameterException refusal(String message) {
        return new ParameterException(command.commandLine(), message);
    }

    /** Whose settings; empty where quotas are meant. */
    Optional<Subject> subject() {
        check();
        if (topic != null) {
            return Optional.of(new Subject.Topic(topic));
        }
        if (broker != null) {
            return Optional.of(new Subject.Broker(broker));
        }
        return allBrokers ? Optional.of(new Subject.AllBrokers()) : Optional.empty();
    }

    /** Whose quotas, where no settings are meant. */
    QuotaSubject quotaSubject() {
        check();
        var names = new TreeMap<String, @Nullable String>();
        if (user != null || defaultUser) {
            names.put(USER, user);
        }
        if (clientId != null || defaultClientId) {
            names.put(CLIENT_ID, clientId);
        }
        return new QuotaSubject(names);
    }

    /** What is meant, for what is printed. */
    static String text(Subject subject) {
        if (subject instanceof Subject.Topic named) {
            return named.name();
        }
        return subject instanceof Subject.Broker one ? "broker " + one.id() : "all brokers";
    }

    static String text(QuotaSubject subject) {
        var text = new StringBuilder();
        for (Map.Entry<String, @Nullable String> entry : subject.names().entrySet()) {
            text.append(text.isEmpty() ? "" : ", ")
                    .append(entry.getKey())
                    .append(' ')
                    .append(entry.getValue() == null ? "(others)" : entry.getValue());
        }
        return text.toString();
    }
}
