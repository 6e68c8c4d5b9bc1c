package io.millrace.storage;

import io.netty.channel.DefaultFileRegion;
import java.nio.channels.FileChannel;

/**
 * A part of a segment file on its way to a socket.
 *
 * <p>A subclass because the native transports send nothing else without a copy, and because the original would close the
 * segment's channel when it is released. Gives the lease of the segment back instead.
 */
final class SegmentRegion extends DefaultFileRegion {

    private final LogSegment segment;

    SegmentRegion(LogSegment segment, FileChannel channel, long position, long count) {
        super(channel, position, count);
        this.segment = segment;
    }

    @Override
    protected void deallocate() {
        segment.release();
    }
}
