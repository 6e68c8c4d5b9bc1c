package io.millrace.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.millrace.client.ClusterClient;
import io.millrace.client.ConfigurationAdmin;
import io.millrace.client.ConfigurationAdmin.QuotaSubject;
import io.millrace.client.ConfigurationAdmin.Setting;
import io.millrace.client.ConfigurationAdmin.Source;
import io.millrace.client.ConfigurationAdmin.Subject;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows settings and where they come from, and quotas. */
@Command(
        name = "describe",
        description = {
            "Shows settings and where each comes from: those that are not the default, or all with --all.",
            "Without a topic, broker, user or client: all quotas."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  millrace config describe --topic orders --all",
            "  millrace config describe --broker 1 --synonyms"
        })
final class ConfigDescribeCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ClusterOptions cluster;

    @Mixin
    private ConfigurationTarget target;

    @Option(names = "--all", description = "Show settings that have their default, too.")
    private boolean all;

    @Option(names = "--synonyms", description = "Show every place that gives the setting a value, the strongest first.")
    private boolean synonyms;

    @Option(names = "--json", description = "Print JSON, a setting a line.")
    private boolean json;

    @SuppressWarnings("NullAway.Init") // picocli fills in the options
    ConfigDescribeCommand() {}

    /** A value in JSON. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ValueView(String name, @Nullable String value, String source) {}

    /** A setting in JSON. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record SettingView(
            String of,
            String name,
            @Nullable String value,
            String source,
            boolean readOnly,
            boolean secret,
            List<ValueView> synonyms,
            @Nullable String purpose) {

        static SettingView of(String subject, Setting setting) {
            return new SettingView(
                    subject,
                    setting.name(),
                    setting.value(),
                    text(setting.source()),
                    setting.isReadOnly(),
                    setting.isSecret(),
                    setting.values().stream()
                            .map(each -> new ValueView(each.name(), each.value(), text(each.source())))
                            .toList(),
                    setting.purpose());
        }
    }

    private static String text(Source source) {
        return source.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    @Override
    public void run() {
        try (ClusterClient client = cluster.open()) {
            ConfigurationAdmin admin = client.admin().configurations();
            if (target.isMissing()) {
                print(cluster.await(admin.quotas()));
                return;
            }
            Optional<Subject> subject = target.subject();
            if (subject.isPresent()) {
                print(subject.get(), cluster.await(admin.describe(subject.get())));
            } else {
                QuotaSubject wanted = target.quotaSubject();
                Map<String, Double> quotas = cluster.await(admin.quotas()).getOrDefault(wanted, Map.of());
                print(Map.of(wanted, quotas));
            }
        } catch (InterruptedException | TimeoutException e) {
            throw new CommandFailedException("describing settings: " + e.getMessage(), e);
        }
    }

    private void print(Subject subject, Map<String, Setting> settings) {
        PrintWriter out = spec.commandLine().getOut();
        var table = new TextTable("SETTING", "VALUE", "FROM");
        for (Setting setting : settings.values()) {
            if (!all && setting.source() == Source.DEFAULT) {
                continue;
            }
            if (json) {
                JsonOutput.print(out, SettingView.of(ConfigurationTarget.text(subject), setting));
                continue;
            }
            table.row(setting.name(), setting.isSecret() ? "(secret)" : setting.value(), text(setting.source()));
            if (synonyms) {
                setting.values().stream()
                        .skip(1)
                        .forEach(each -> table.row("  " + each.name(), each.value(), text(each.source())));
            }
        }
        if (!table.isEmpty()) {
            table.print(out);
        }
    }

    private void print(Map<QuotaSubject, Map<String, Double>> quotas) {
        PrintWriter out = spec.commandLine().getOut();
        var table = new TextTable("OF", "QUOTA", "VALUE");
        quotas.forEach((subject, values) -> values.forEach((name, value) -> {
            if (json) {
                var printed = new LinkedHashMap<String, @Nullable Object>();
                printed.put("of", subject.names());
                printed.put("name", name);
                printed.put("value", value);
                JsonOutput.print(out, printed);
            } else {
                table.row(ConfigurationTarget.text(subject), name, number(value));
            }
        }));
        if (!table.isEmpty()) {
            table.print(out);
        }
    }

    private static String number(double value) {
        return value == Math.rint(value) ? String.format(Locale.ROOT, "%.0f", value) : Double.toString(value);
    }
}
