package io.millrace.cli;

import io.millrace.client.ClientException;
import io.millrace.server.BrokerStartException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code millrace} command: clusters for development, brokers, and what one does with their destinations. */
@Command(
        name = "millrace",
        description = "A partitioned, replicated commit log for Jakarta EE servers and Kafka clients.",
        mixinStandardHelpOptions = true,
        versionProvider = MillraceVersion.class,
        subcommands = {
            DevCommand.class,
            BrokerCommand.class,
            ZooKeeperCommand.class,
            TopicCommand.class,
            ProduceCommand.class,
            ConsumeCommand.class,
            RebalanceCommand.class,
            PrepareCommand.class,
            RehearseCommand.class
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:the cluster or the machine refused or failed; the reason is on standard error",
            "2:the command line is wrong"
        })
public final class MillraceCommand implements Runnable {

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--stack-trace",
            description = "Print the stack trace of an error.",
            scope = CommandLine.ScopeType.INHERIT)
    private boolean stackTrace;

    @SuppressWarnings("NullAway.Init") // picocli fills in the specification
    MillraceCommand() {}

    public static void main(String[] arguments) {
        int exitCode = commandLine().execute(arguments);
        System.exit(exitCode);
    }

    static CommandLine commandLine() {
        var root = new MillraceCommand();
        return new CommandLine(root)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionStrategy(parsed -> {
                    LogLevel.choose(parsed);
                    return new CommandLine.RunLast().execute(parsed);
                })
                .setExecutionExceptionHandler((failure, commandLine, parsed) -> root.explain(failure, commandLine));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "A command is missing.");
    }

    private int explain(Throwable failure, CommandLine commandLine) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        PrintWriter err = commandLine.getErr();
        err.println("millrace: " + reason(cause));
        if (stackTrace) {
            cause.printStackTrace(err);
        }
        err.flush();
        return CommandLine.ExitCode.SOFTWARE;
    }

    private static String reason(Throwable cause) {
        if (cause instanceof ClientException
                || cause instanceof CommandFailedException
                || cause instanceof BrokerStartException) {
            return String.valueOf(cause.getMessage());
        }
        if (cause instanceof UncheckedIOException && cause.getCause() != null) {
            return cause.getMessage() + ": " + cause.getCause();
        }
        if (cause instanceof TimeoutException) {
            return "no answer in time" + (cause.getMessage() == null ? "" : ": " + cause.getMessage());
        }
        return cause.toString();
    }
}
