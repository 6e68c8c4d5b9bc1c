package io.millrace.samples.logcollection;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;

/**
 * Reads the whole lines that a log file gained since the last look, over rotation and truncation.
 *
 * <p>Owned by one thread.
 */
final class LogTail {
    private static final int READ_BYTES_MAX = 1024 * 1024;

    private final Path file;
    private Object fileKey;
    private long position;

    LogTail(Path file) {
        this.file = file;
    }

    /** Whole lines in the order of the file, at most a mebibyte of them; none where there is nothing new. */
    List<String> newLines() throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            Object keyNow = Files.readAttributes(file, BasicFileAttributes.class).fileKey();
            if (!Objects.equals(keyNow, fileKey) || channel.size() < position) {
                fileKey = keyNow; // the file was rotated or truncated: another begins
                position = 0;
            }
            return read(channel);
        } catch (NoSuchFileException ignored) { // rotated away, or not there yet
            return List.of();
        }
    }

    private List<String> read(FileChannel channel) throws IOException {
        int wanted = (int) Math.min(READ_BYTES_MAX, channel.size() - position);
        var buffer = ByteBuffer.allocate(wanted);
        while (buffer.hasRemaining() && channel.read(buffer, position + buffer.position()) > 0) {
            // until the buffer is full or the file ends
        }
        int whole = endOfLastLine(buffer);
        if (whole == 0) {
            return List.of();
        }
        position += whole;
        return new String(buffer.array(), 0, whole, StandardCharsets.UTF_8).lines().toList();
    }

    /** Behind the last line feed; behind everything where one line alone fills the buffer. */
    private static int endOfLastLine(ByteBuffer buffer) {
        for (int end = buffer.position(); end > 0; end--) {
            if (buffer.get(end - 1) == '\n') {
                return end;
            }
        }
        return buffer.hasRemaining() || buffer.capacity() < READ_BYTES_MAX ? 0 : buffer.capacity();
    }
}
