package io.millrace.container;

import io.millrace.testkit.Programs;
import java.nio.file.Path;
import java.util.List;

/** Reads what a topic holds from its beginning, with programs of others and our own: a line for each record, key, tab, value. */
final class TopicReaders {
    private static final byte[] NO_INPUT = new byte[0];

    private TopicReaders() {}

    /** All records up to the end. */
    static List<String> kcat(String bootstrapServers, String topic) {
        return lines(Programs.run(
                List.of(
                        "kcat",
                        "-C",
                        "-q",
                        "-e",
                        "-b",
                        bootstrapServers,
                        "-t",
                        topic,
                        "-o",
                        "beginning",
                        "-f",
                        "%k\\t%s\\n"),
                NO_INPUT));
    }

    /** The first records, with the millrace command. */
    static List<String> millrace(String bootstrapServers, String topic, int count) {
        return lines(Programs.run(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        "io.millrace.cli.MillraceCommand",
                        "consume",
                        topic,
                        "--bootstrap-server",
                        bootstrapServers,
                        "--from",
                        "beginning",
                        "--max",
                        Integer.toString(count),
                        "--key-separator",
                        "\t"),
                NO_INPUT));
    }

    private static List<String> lines(byte[] output) {
        return Programs.text(output).lines().toList();
    }
}
