package io.millrace.cli;

import io.millrace.client.ClientException;
import io.millrace.server.BrokerStartException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
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
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:the cluster or the machine refused or failed; the reason is on standard error",
            "2:the command line is wrong"
        })
public final class MillraceCommand implements Runnable {
    /** In the order of the help. */
    private static final Map<String, Class<?>> COMMANDS = commands();

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--stack-trace",
            description = "Print the stack trace of an error.",
            scope = CommandLine.ScopeType.INHERIT)
    private boolean stackTrace;

    @SuppressWarnings("NullAway.Init") // picocli fills in the specification
    MillraceCommand() {}

    private static Map<String, Class<?>> commands() {
        var commands = new LinkedHashMap<String, Class<?>>();
        commands.put("dev", DevCommand.class);
        commands.put("broker", BrokerCommand.class);
        commands.put("zookeeper", ZooKeeperCommand.class);
        commands.put("topic", TopicCommand.class);
        commands.put("produce", ProduceCommand.class);
        commands.put("consume", ConsumeCommand.class);
        commands.put("group", GroupCommand.class);
        commands.put("config", ConfigCommand.class);
        commands.put("subscription", SubscriptionCommand.class);
        commands.put("transaction", TransactionCommand.class);
        commands.put("cluster", ClusterCommand.class);
        commands.put("rebalance", RebalanceCommand.class);
        commands.put("prepare", PrepareCommand.class);
        commands.put("rehearse", RehearseCommand.class);
        return commands;
    }

    public static void main(String[] arguments) {
        int exitCode = commandLine(arguments).execute(arguments);
        System.exit(exitCode);
    }

    /** One for these arguments: where they begin with a command, it knows no other, for to know one costs the start of a broker some milliseconds. */
    static CommandLine commandLine(String... arguments) {
        var root = new MillraceCommand();
        var commandLine = new CommandLine(root);
        String first = arguments.length == 0 ? "" : arguments[0];
        COMMANDS.forEach((name, command) -> {
            if (name.equals(first) || !COMMANDS.containsKey(first)) {
                commandLine.addSubcommand(name, command);
            }
        });
        return commandLine
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionStrategy(parsed -> {
                    LogLevel.choose(parsed);
                    return new CommandLine.RunLast().execute(parsed);
                })
                .setExecutionExceptionHandler((failure, ran, parsed) -> root.explain(failure, ran));
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
