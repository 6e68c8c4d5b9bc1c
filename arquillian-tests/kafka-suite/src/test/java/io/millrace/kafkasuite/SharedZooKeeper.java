package io.millrace.kafkasuite;

import io.millrace.cli.EmbeddedZooKeeper;
import java.nio.file.Path;

/** The one ZooKeeper of this process; each cluster has a path of its own in it. Started with the first, ended with the process. */
final class SharedZooKeeper {
    private static final EmbeddedZooKeeper SERVER = start();

    private SharedZooKeeper() {}

    static String connectString(String path) {
        return "127.0.0.1:" + SERVER.port() + "/" + path;
    }

    private static EmbeddedZooKeeper start() {
        Path directory = Folders.create("kafka-suite-zookeeper-");
        var server = EmbeddedZooKeeper.start(directory, 0);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            server.close();
            Folders.deleteRecursively(directory);
        }));
        return server;
    }
}
