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
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Reads the whole lines that a log file gained since the last look, over rotation and truncation.
 *
 * <p>Owned by one thread. A line that its taker refuses, by throwing, is the first one of the next look.
 */
final class LogTail {
    /** So much is read in one look; a longer line comes in pieces of this size. */
    static final int READ_BYTES_MAX = 1024 * 1024;

    private final Path file;
    private Object fileKey;
    private long position;

    LogTail(Path file) {
        this.file = file;
    }

    /** Hands over whole lines in the order of the file; none where there is nothing new. */
    void readNewLines(Consumer<String> taker) throws IOException {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            Object keyNow =
                    Files.readAttributes(file, BasicFileAttributes.class).fileKey();
            if (!Objects.equals(keyNow, fileKey) || channel.size() < position) {
                fileKey = keyNow; // the file was rotated or truncated: another begins
                position = 0;
            }
            handOver(read(channel), taker);
        } catch (NoSuchFileException ignored) { // rotated away, or not there yet
            position = 0;
        }
    }

    private byte[] read(FileChannel channel) throws IOException {
        int wanted = (int) Math.min(READ_BYTES_MAX, channel.size() - position);
        ByteBuffer buffer = ByteBuffer.allocate(wanted);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                break; // the file became shorter
            }
        }
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    private void handOver(byte[] bytes, Consumer<String> taker) {
        int start = 0;
        for (int end = 0; end < bytes.length; end++) {
            if (bytes[end] == '\n') {
                taker.accept(line(bytes, start, end));
                position += end + 1 - start;
                start = end + 1;
            }
        }
        if (start == 0 && bytes.length == READ_BYTES_MAX) {
            taker.accept(line(bytes, 0, bytes.length));
            position += bytes.length;
        }
    }

    private static String line(byte[] bytes, int start, int end) {
        boolean hasCarriageReturn = end > start && bytes[end - 1] == '\r';
        return new String(bytes, start, end - start - (hasCarriageReturn ? 1 : 0), StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
