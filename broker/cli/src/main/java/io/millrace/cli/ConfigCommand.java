package io.millrace.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Administration of settings and quotas. */
@Command(
        name = "config",
        description = "Describes, sets and deletes settings of topics, queues and brokers, and quotas of clients.",
        mixinStandardHelpOptions = true,
        subcommands = {ConfigDescribeCommand.class, ConfigChangeCommands.Set.class, ConfigChangeCommands.Delete.class})
final class ConfigCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli fills in the specification
    ConfigCommand() {}

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Say what to do: describe, set or delete.");
    }
}
