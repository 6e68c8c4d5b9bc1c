package io.millrace.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A file of the operating system.
 *
 * <p>One thread writes, any read. Java closes a file channel for all its users when one of them is interrupted; that one
 * fails, the others get a new channel here.
 */
final class ChannelFile implements DiskFile {

    private interface Action<T> {
        T on(FileChannel channel) throws IOException;
    }

    private final Path path;
    private final @Nullable Object identity;
    private volatile FileChannel channel;
    private volatile boolean closed;

    private ChannelFile(Path path, FileChannel channel) throws IOException {
        this.path = path;
        this.channel = channel;
        this.identity = identityOf(path);
    }

    static ChannelFile open(Path path) throws IOException {
        return new ChannelFile(
                path,
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    private static @Nullable Object identityOf(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
    }

    @Override
    public long size() {
        return with("ask for the size of", FileChannel::size);
    }

    @Override
    public void write(ByteBuffer[] sources, long position) {
        long total = remaining(sources);
        with("write to", open -> {
            while (remaining(sources) > 0) {
                long at = position + total - remaining(sources);
                if (sources.length == 1) {
                    open.write(sources[0], at);
                } else {
                    open.position(at).write(sources);
                }
            }
            return total;
        });
    }

    private static long remaining(ByteBuffer[] sources) {
        long bytes = 0;
        for (ByteBuffer source : sources) {
            bytes += source.remaining();
        }
        return bytes;
    }

    @Override
    public int read(ByteBuffer target, long position) {
        int before = target.position();
        return with("read", open -> {
            int read = 0;
            while (read >= 0 && target.hasRemaining()) {
                read = open.read(target, position + target.position() - before);
            }
            return target.position() - before;
        });
    }

    @Override
    public void truncate(long size) {
        with("truncate", open -> open.truncate(size));
    }

    @Override
    public void force() {
        with("force", open -> {
            try {
                open.force(false);
                return true;
            } catch (ClosedChannelException e) {
                throw e;
            } catch (IOException e) {
                throw IoFailures.ofForce(path, e);
            }
        });
    }

    private <T> T with(String what, Action<T> action) {
        FileChannel present = channel;
        try {
            return action.on(present);
        } catch (ClosedByInterruptException e) {
            throw FileDisk.failed(what, path, e);
        } catch (ClosedChannelException e) {
            return again(what, present, action);
        } catch (IOException e) {
            throw FileDisk.failed(what, path, e);
        }
    }

    private <T> T again(String what, FileChannel closedChannel, Action<T> action) {
        try {
            return action.on(reopened(closedChannel));
        } catch (IOException e) {
            throw FileDisk.failed(what, path, e);
        }
    }

    private synchronized FileChannel reopened(FileChannel closedChannel) throws IOException {
        if (closed || channel != closedChannel) {
            return channel;
        }
        if (!Objects.equals(identity, identityOf(path))) {
            throw new IOException("another file has taken the name of the one that an interrupted thread closed");
        }
        channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        return channel;
    }

    @Override
    public Optional<FileChannel> channel() {
        return Optional.of(channel);
    }

    @Override
    public synchronized void close() {
        closed = true;
        try {
            channel.close();
        } catch (IOException e) {
            throw FileDisk.failed("close", path, e);
        }
    }
}
