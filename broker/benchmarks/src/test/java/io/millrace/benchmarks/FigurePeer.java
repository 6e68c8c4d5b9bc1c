package io.millrace.benchmarks;

import java.util.HashMap;
import java.util.Map;

/**
 * A broker to take figures of: how one is started, and what it is told beyond what every broker is told.
 *
 * @param title of its column
 * @param classPath of its process
 * @param mainClass of its process
 * @param command what its command line begins with; a properties file follows; may be empty
 * @param settings where they differ from its defaults
 */
record FigurePeer(String title, String classPath, String mainClass, String command, Map<String, String> settings) {
    static FigurePeer millrace(String classPath) {
        return new FigurePeer(
                "Millrace",
                classPath,
                "io.millrace.cli.MillraceCommand",
                "broker",
                // As Kafka does it.
                Map.of("flush.policy", "os"));
    }

    static FigurePeer kafka(String version, String classPath) {
        return new FigurePeer(
                "Apache Kafka " + version,
                classPath,
                "kafka.Kafka",
                "",
                Map.of("offsets.topic.num.partitions", "8", "group.initial.rebalance.delay.ms", "0"));
    }

    FigurePeer withSessionTimeoutMs(int timeoutMs) {
        var changed = new HashMap<>(settings);
        changed.put("zookeeper.session.timeout.ms", Integer.toString(timeoutMs));
        return new FigurePeer(title, classPath, mainClass, command, changed);
    }
}
