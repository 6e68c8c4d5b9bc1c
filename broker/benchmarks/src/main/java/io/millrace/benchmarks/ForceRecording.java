package io.millrace.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import jdk.jfr.consumer.RecordingFile;
import org.jspecify.annotations.Nullable;

/** Every force of a file by a process, as its JVM's flight recorder notes it. It is written when the process ends in order. */
final class ForceRecording {
    private static final String SETTINGS =
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <configuration version="2.0">
              <event name="jdk.FileForce">
                <setting name="enabled">true</setting>
                <setting name="threshold">0 ns</setting>
                <setting name="stackTrace">false</setting>
              </event>
            </configuration>
            """;

    private final Path settings;
    private final Path file;
    /** How many forces had happened up to each instant. */
    private @Nullable NavigableMap<Instant, Long> counts;

    ForceRecording(Path directory) throws IOException {
        settings = Files.writeString(directory.resolve("forces.jfc"), SETTINGS);
        file = directory.resolve("forces.jfr");
    }

    List<String> jvmOptions() {
        return List.of("-XX:StartFlightRecording=filename=" + file + ",settings=" + settings + ",maxsize=1g");
    }

    /** How many forces ended between the two. */
    long between(Instant start, Instant end) {
        if (counts == null) {
            counts = read(file);
        }
        return until(counts, end) - until(counts, start);
    }

    private static long until(NavigableMap<Instant, Long> counts, Instant instant) {
        var entry = counts.floorEntry(instant);
        return entry == null ? 0 : entry.getValue();
    }

    private static NavigableMap<Instant, Long> read(Path file) {
        var ends = new TreeMap<Instant, Long>();
        try (var recording = new RecordingFile(file)) {
            while (recording.hasMoreEvents()) {
                var event = recording.readEvent();
                if (event.getEventType().getName().equals("jdk.FileForce")) {
                    ends.merge(event.getEndTime(), 1L, Long::sum);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
        long sum = 0;
        for (var entry : ends.entrySet()) {
            sum += entry.getValue();
            entry.setValue(sum);
        }
        return ends;
    }
}
