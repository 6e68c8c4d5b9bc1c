package io.millrace.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What a cluster is made of, and how it is. */
@Command(
        name = "cluster",
        description = "Shows the brokers of a cluster, the partitions that are not well, and what the disks hold.",
        mixinStandardHelpOptions = true,
        subcommands = {ClusterDescribeCommand.class, ClusterHealthCommand.class, ClusterDisksCommand.class})
final class ClusterCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli fills in the specification
    ClusterCommand() {}

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Say what to do: describe, health or disks.");
    }
}
