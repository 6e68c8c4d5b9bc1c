package io.millrace.cli;

import io.millrace.server.Broker;
import io.millrace.server.BrokerConfiguration;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Runs one broker until the process is told to stop. */
@Command(
        name = "broker",
        description = "Runs one broker of a cluster until it is stopped.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Example:",
            "  millrace broker --set broker.id=1 --set listeners=127.0.0.1:9092 \\",
            "      --set zookeeper.connect=127.0.0.1:2181 --set log.dirs=/var/lib/millrace"
        })
final class BrokerCommand implements ServerCommand {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "FILE", arity = "0..1", description = "A properties file with the broker's settings.")
    private @Nullable Path file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "A setting; wins over the file; may be given several times.")
    private Map<String, String> settings = new LinkedHashMap<>();

    @Option(names = "--settings", description = "List all settings with their defaults, as a Markdown table, and exit.")
    private boolean listsSettings;

    @SuppressWarnings("NullAway.Init") // picocli fills in the options
    BrokerCommand() {}

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        if (listsSettings) {
            out.print(BrokerConfiguration.documentation());
            out.flush();
            return;
        }
        Map<String, String> all = new HashMap<>(fromFile());
        all.putAll(settings);
        BrokerConfiguration configuration;
        try {
            configuration = BrokerConfiguration.of(all);
        } catch (IllegalArgumentException e) {
            throw new CommandFailedException(String.valueOf(e.getMessage()), e);
        }
        Broker broker = Broker.start(configuration);
        var hook = new Thread(broker::close, "millrace-shutdown");
        Runtime.getRuntime().addShutdownHook(hook);
        out.println("Broker " + broker.brokerId() + " serves on port " + broker.port());
        out.flush();
        ClassArchiveMaker.renewInBackground();
        broker.awaitClosed();
    }

    private Map<String, String> fromFile() {
        if (file == null) {
            return Map.of();
        }
        var properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            properties.load(reader);
        } catch (IOException e) {
            throw new CommandFailedException("cannot read the settings file " + file + ": " + e, e);
        }
        var settingsOfFile = new HashMap<String, String>();
        properties.stringPropertyNames().forEach(key -> settingsOfFile.put(key, properties.getProperty(key)));
        return settingsOfFile;
    }
}
