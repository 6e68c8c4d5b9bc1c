package io.millrace.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A broker to take figures of: how one is started, and what it is told beyond what every broker is told.
 *
 * @param title of its column
 * @param command its command line; a properties file follows
 * @param environment of its process
 * @param settings where they differ from its defaults
 */
record FigurePeer(String title, List<String> command, Map<String, String> environment, Map<String, String> settings) {
    /** @param home an unpacked distribution, which is started as users start it */
    static FigurePeer millrace(Path home, List<String> jvmOptions) {
        return new FigurePeer(
                "Millrace",
                List.of(home.resolve("bin/millrace").toString(), "broker"),
                Map.of("JAVA_HOME", System.getProperty("java.home"), "MILLRACE_OPTS", String.join(" ", jvmOptions)),
                // As Kafka does it.
                Map.of("flush.policy", "os"));
    }

    static FigurePeer kafka(String version, String classPath, List<String> jvmOptions) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvmOptions);
        command.addAll(List.of("-cp", classPath, "kafka.Kafka"));
        return new FigurePeer(
                "Apache Kafka " + version,
                command,
                Map.of(),
                Map.of("offsets.topic.num.partitions", "8", "group.initial.rebalance.delay.ms", "0"));
    }

    FigurePeer withSessionTimeoutMs(int timeoutMs) {
        var changed = new HashMap<>(settings);
        changed.put("zookeeper.session.timeout.ms", Integer.toString(timeoutMs));
        return new FigurePeer(title, command, environment, changed);
    }
}
