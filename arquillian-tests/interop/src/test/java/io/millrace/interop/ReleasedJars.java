package io.millrace.interop;

import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Class paths for processes that run a part of Kafka with the client that it was released with. */
final class ReleasedJars {
    private static final String REPLACED = "(kafka-clients|kafka-streams|rocksdbjni)-.*";

    private ReleasedJars() {}

    /** This module's test class path, but client, Streams and its store of that version. */
    static String classPath(String version) {
        String jars = Path.of(System.getProperty("kafka.released.jars"), version)
                .resolve("*")
                .toString();
        String present = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        return jars
                + File.pathSeparator
                + Arrays.stream(present.split(File.pathSeparator))
                        .filter(entry -> !new File(entry).getName().matches(REPLACED))
                        .collect(Collectors.joining(File.pathSeparator));
    }
}
