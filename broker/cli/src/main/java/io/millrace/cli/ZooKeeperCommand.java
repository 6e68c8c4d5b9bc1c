package io.millrace.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs a single ZooKeeper server on loopback, for trying a cluster of broker processes. */
@Command(
        name = "zookeeper",
        description = {
            "Runs a single ZooKeeper server on loopback until it is stopped.",
            "It is for trying things out; a cluster that matters has an ensemble of three or five."
        },
        mixinStandardHelpOptions = true)
final class ZooKeeperCommand implements ServerCommand {
    @Spec
    private CommandSpec spec;

    @Option(names = "--port", defaultValue = "2181", description = "Default: ${DEFAULT-VALUE}.")
    private int port;

    @Option(
            names = "--data-dir",
            paramLabel = "FOLDER",
            defaultValue = "zookeeper-data",
            description = "Default: ${DEFAULT-VALUE}.")
    private Path dataDirectory;

    @SuppressWarnings("NullAway.Init") // picocli fills in the options
    ZooKeeperCommand() {}

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        EmbeddedZooKeeper zooKeeper = EmbeddedZooKeeper.start(dataDirectory, port);
        var stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            zooKeeper.close();
                            stopped.countDown();
                        },
                        "millrace-shutdown"));
        out.println("ZooKeeper serves on port " + zooKeeper.port());
        out.flush();
        try {
            stopped.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
