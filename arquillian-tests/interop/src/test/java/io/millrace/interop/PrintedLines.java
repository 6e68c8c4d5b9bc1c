package io.millrace.interop;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a process has printed so far, line by line; each look reads only what is new. Owned by the test's thread. */
final class PrintedLines {
    private final Path file;
    private final List<String> lines = new ArrayList<>();
    private final StringBuilder unfinished = new StringBuilder();
    private long position;

    PrintedLines(Path file) {
        this.file = file;
    }

    /** All whole lines. */
    List<String> read() {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer found = ByteBuffer.allocate((int) (channel.size() - position));
            while (found.hasRemaining() && channel.read(found, position + found.position()) >= 0) {}
            position += found.position();
            add(new String(found.array(), 0, found.position(), UTF_8)); // the programs print ASCII
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
        return lines;
    }

    private void add(String text) {
        int from = 0;
        for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
            lines.add(unfinished.append(text, from, end).toString());
            unfinished.setLength(0);
            from = end + 1;
        }
        unfinished.append(text, from, text.length());
    }

    /** Those that are JSON objects of this name. */
    List<String> events(String name) {
        String mark = "\"name\":\"" + name + "\"";
        return read().stream().filter(line -> line.contains(mark)).toList();
    }

    long count(String part) {
        return read().stream().filter(line -> line.contains(part)).count();
    }

    /** A field of a JSON object that is no object itself. */
    static String field(String json, String name) {
        Matcher matcher = Pattern.compile('"' + name + "\":\"?([^,\"}]*)").matcher(json);
        if (!matcher.find()) {
            throw new IllegalArgumentException("there is no field " + name + " in " + json);
        }
        return matcher.group(1);
    }
}
