package io.millrace.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file of the operating system.
 *
 * <p>One thread writes, any read. An interrupted thread must not come here: it would close the channel for all.
 */
final class ChannelFile implements DiskFile {

    private final Path path;
    private final FileChannel channel;

    ChannelFile(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    @Override
    public long size() {
        try {
            return channel.size();
        } catch (IOException e) {
            throw FileDisk.failed("ask for the size of", path, e);
        }
    }

    @Override
    public void write(ByteBuffer[] sources, long position) {
        try {
            if (sources.length == 1) {
                writeOne(sources[0], position);
            } else {
                writeGathered(sources, position);
            }
        } catch (IOException e) {
            throw FileDisk.failed("write to", path, e);
        }
    }

    private void writeOne(ByteBuffer source, long position) throws IOException {
        long at = position;
        while (source.hasRemaining()) {
            at += channel.write(source, at);
        }
    }

    private void writeGathered(ByteBuffer[] sources, long position) throws IOException {
        channel.position(position);
        long left = 0;
        for (ByteBuffer source : sources) {
            left += source.remaining();
        }
        while (left > 0) {
            left -= channel.write(sources);
        }
    }

    @Override
    public int read(ByteBuffer target, long position) {
        int total = 0;
        try {
            while (target.hasRemaining()) {
                int read = channel.read(target, position + total);
                if (read < 0) {
                    break;
                }
                total += read;
            }
            return total;
        } catch (IOException e) {
            throw FileDisk.failed("read", path, e);
        }
    }

    @Override
    public void truncate(long size) {
        try {
            channel.truncate(size);
        } catch (IOException e) {
            throw FileDisk.failed("truncate", path, e);
        }
    }

    @Override
    public void force() {
        try {
            channel.force(false);
        } catch (IOException e) {
            throw FileDisk.failed("force", path, e);
        }
    }

    @Override
    public Optional<FileChannel> channel() {
        return Optional.of(channel);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw FileDisk.failed("close", path, e);
        }
    }
}
