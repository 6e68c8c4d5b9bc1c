package io.millrace.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs a whole cluster in one process, for development. */
@Command(
        name = "dev",
        description = "Runs ZooKeeper and brokers in one process, for development, until it is stopped.",
        mixinStandardHelpOptions = true,
        footer = {"", "A port that is taken is replaced by a free one; the command prints what it uses."})
final class DevCommand implements ServerCommand {
    @Spec
    private CommandSpec spec;

    @Option(names = "--brokers", defaultValue = "3", description = "How many brokers. Default: ${DEFAULT-VALUE}.")
    private int brokers;

    @Option(
            names = "--data-dir",
            paramLabel = "FOLDER",
            description = "Where the data is kept. Default: a temporary folder that is deleted at the end.")
    private @Nullable Path dataDirectory;

    @Option(
            names = "--port",
            defaultValue = "9092",
            description = "The first broker's port; the others follow. Default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(
            names = "--zookeeper-port",
            defaultValue = "2181",
            description = "ZooKeeper's port. Default: ${DEFAULT-VALUE}.")
    private int zooKeeperPort;

    @SuppressWarnings("NullAway.Init") // picocli fills in the options
    DevCommand() {}

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        var cluster = new DevCluster(options());
        Runtime.getRuntime().addShutdownHook(new Thread(cluster::close, "millrace-shutdown"));
        cluster.start();
        out.println("ZooKeeper  " + cluster.zooKeeperConnect());
        out.println("Brokers    " + cluster.bootstrapServers());
        out.println("Data       " + cluster.dataDirectory() + (dataDirectory == null ? " (deleted at the end)" : ""));
        out.println("Try        millrace topic list --bootstrap-server " + cluster.bootstrapServers());
        out.println("Ctrl-C stops the cluster.");
        out.flush();
        ClassArchiveMaker.renewInBackground();
        try {
            new CountDownLatch(1).await(); // the shutdown hook ends the process
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private DevCluster.Options options() {
        try {
            return new DevCluster.Options(brokers, dataDirectory, port, zooKeeperPort);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
    }
}
