package io.millrace.testkit;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A single ZooKeeper in a process of its own, on loopback. */
public final class ZooKeeperProcess {
    private static final Duration START_MAX = Duration.ofSeconds(60);

    private ZooKeeperProcess() {}

    /** Starts it and waits until it listens; its data and its output are kept in the directory. */
    public static JavaProcess start(Path directory, int port) {
        JavaProcess zooKeeper = JavaProcess.start(
                "zookeeper",
                directory.resolve("zookeeper.out"),
                List.of("-Xmx256m", "-Dzookeeper.admin.enableServer=false"),
                "io.millrace.cli.MillraceCommand",
                List.of(
                        "zookeeper",
                        "--port",
                        Integer.toString(port),
                        "--data-dir",
                        directory.resolve("zookeeper").toString()));
        zooKeeper.awaitListening(port, START_MAX);
        return zooKeeper;
    }
}
