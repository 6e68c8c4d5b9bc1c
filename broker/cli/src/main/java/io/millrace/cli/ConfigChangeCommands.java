package io.millrace.cli;

import io.millrace.client.ClusterClient;
import io.millrace.client.ConfigurationAdmin;
import io.millrace.client.ConfigurationAdmin.Setting;
import io.millrace.client.ConfigurationAdmin.Subject;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Change settings and quotas. */
final class ConfigChangeCommands {
    private ConfigChangeCommands() {}

    @Command(
            name = "set",
            description =
                    "Sets settings of a topic, queue or broker, or quotas (producer_byte_rate, consumer_byte_rate,"
                            + " request_percentage, controller_mutation_rate).",
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "Examples:",
                "  millrace config set --topic orders retention.ms=604800000",
                "  millrace config set --default-client-id producer_byte_rate=10MB/s"
            })
    static final class Set implements Runnable {
        @Spec
        private CommandSpec spec;

        @Mixin
        private ClusterOptions cluster;

        @Mixin
        private ConfigurationTarget target;

        @Parameters(paramLabel = "KEY=VALUE", arity = "1..*", description = "The settings or quotas.")
        private Map<String, String> settings;

        @Option(names = "--dry-run", description = "Check only, and change nothing.")
        private boolean dryRun;

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        @SuppressWarnings("NullAway.Init") // picocli fills in the options
        Set() {}

        @Override
        public void run() {
            new Change(spec, cluster, target, dryRun, json).run(settings, java.util.Set.of());
        }
    }

    @Command(
            name = "delete",
            description = "Gives settings their defaults again, or takes quotas away.",
            mixinStandardHelpOptions = true,
            footer = {"", "Example:", "  millrace config delete --topic orders retention.ms"})
    static final class Delete implements Runnable {
        @Spec
        private CommandSpec spec;

        @Mixin
        private ClusterOptions cluster;

        @Mixin
        private ConfigurationTarget target;

        @Parameters(paramLabel = "KEY", arity = "1..*", description = "The settings or quotas.")
        private List<String> settings;

        @Option(names = "--dry-run", description = "Check only, and change nothing.")
        private boolean dryRun;

        @Option(names = "--json", description = "Print JSON.")
        private boolean json;

        @SuppressWarnings("NullAway.Init") // picocli fills in the options
        Delete() {}

        @Override
        public void run() {
            new Change(spec, cluster, target, dryRun, json).run(Map.of(), java.util.Set.copyOf(settings));
        }
    }

    /** What both have in common. */
    private record Change(
            CommandSpec command, ClusterOptions cluster, ConfigurationTarget target, boolean dryRun, boolean json) {

        void run(Map<String, String> set, java.util.Set<String> delete) {
            Optional<Subject> subject = target.subject();
            Map<String, Double> quotas = subject.isPresent() ? Map.of() : rates(set);
            try (ClusterClient client = cluster.open()) {
                ConfigurationAdmin admin = client.admin().configurations();
                if (subject.isPresent()) {
                    checkNames(client, subject.get(), set.keySet());
                    cluster.await(admin.change(subject.get(), set, delete, dryRun));
                    report(ConfigurationTarget.text(subject.get()), set, delete);
                } else {
                    cluster.await(admin.changeQuotas(target.quotaSubject(), quotas, delete, dryRun));
                    report(ConfigurationTarget.text(target.quotaSubject()), set, delete);
                }
            } catch (InterruptedException | TimeoutException e) {
                throw new CommandFailedException("changing settings: " + e.getMessage(), e);
            }
        }

        private Map<String, Double> rates(Map<String, String> set) {
            var rates = new LinkedHashMap<String, Double>();
            set.forEach((name, value) -> {
                try {
                    rates.put(name, (double) new ByteRate().convert(value));
                } catch (TypeConversionException e) {
                    throw new ParameterException(command.commandLine(), name + "=" + value + ": " + e.getMessage(), e);
                }
            });
            return rates;
        }

        /** The brokers refuse names that they do not know; what was meant is easier said here. */
        private void checkNames(ClusterClient client, Subject subject, java.util.Set<String> names)
                throws InterruptedException, TimeoutException {
            Map<String, Setting> known =
                    cluster.await(client.admin().configurations().describe(withAllNames(client, subject)));
            for (String name : names) {
                if (!known.containsKey(name)) {
                    String kind = subject instanceof Subject.Topic ? "topics" : "brokers";
                    throw new CommandFailedException(name + " is no setting of " + kind
                            + Suggestion.of(name, known.keySet())
                                    .map(near -> "; did you mean " + near + "?")
                                    .orElse("; there are "
                                            + known.keySet().stream().sorted().collect(Collectors.joining(", "))));
                }
            }
        }

        /** Settings of all brokers are described only where they were set; any broker knows which there are. */
        private Subject withAllNames(ClusterClient client, Subject subject)
                throws InterruptedException, TimeoutException {
            if (!(subject instanceof Subject.AllBrokers)) {
                return subject;
            }
            return cluster.await(client.admin().cluster()).brokers().stream()
                    .findFirst()
                    .<Subject>map(broker -> new Subject.Broker(broker.id()))
                    .orElse(subject);
        }

        private void report(String of, Map<String, String> set, java.util.Set<String> delete) {
            PrintWriter out = command.commandLine().getOut();
            set.forEach((name, value) -> report(out, of, name, value));
            delete.stream().sorted().forEach(name -> report(out, of, name, null));
        }

        private void report(PrintWriter out, String of, String name, @Nullable String value) {
            if (json) {
                var printed = new LinkedHashMap<String, @Nullable Object>();
                printed.put("of", of);
                printed.put("name", name);
                printed.put("value", value);
                printed.put("changed", !dryRun);
                JsonOutput.print(out, printed);
                return;
            }
            String what = value == null ? "deleted " + name : "set " + name + "=" + value;
            out.println(of + ": " + (dryRun ? "could have " : "") + what);
        }
    }
}
