package io.millrace.replication;

import io.millrace.replication.SimulationChecks.LogName;
import io.millrace.storage.LogSlice;
import io.millrace.storage.OffsetOutOfRangeException;
import io.millrace.storage.StorageException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.HashMap;
import java.util.Map;

/** What the replicas of a simulation have committed, which must be the same everywhere at every time. */
final class CommittedBatches {
    private static final int LENGTH_AT = Long.BYTES;
    private static final int PREFIX_BYTES = LENGTH_AT + Integer.BYTES;

    private record Place(LogName log, long baseOffset) {}

    /** The first that was seen there. */
    private record Seen(ByteBuf batch, int brokerId) {}

    private final Map<Place, Seen> seen = new HashMap<>();

    /** Compares what a replica has from an offset up to its high watermark with what others had there. */
    void compare(int brokerId, LogName log, Partition partition, long from) {
        long start = Math.max(from, partition.logStartOffset(log.kind()));
        long end = partition.highWatermark(log.kind());
        if (start >= end || partition.isOffline()) {
            return;
        }
        try (LogSlice slice = partition.rawLog(log.kind()).read(start, 1 << 20, end, true)) {
            ByteBuf batches = slice.toByteBuf(ByteBufAllocator.DEFAULT);
            try {
                compare(brokerId, log, batches);
            } finally {
                batches.release();
            }
        } catch (OffsetOutOfRangeException e) {
            throw new AssertionError(e);
        } catch (StorageException unreadable) {
            // Its disk fails, which is one of the faults.
        }
    }

    private void compare(int brokerId, LogName log, ByteBuf batches) {
        while (batches.readableBytes() > PREFIX_BYTES) {
            int at = batches.readerIndex();
            int bytes = Math.min(PREFIX_BYTES + batches.getInt(at + LENGTH_AT), batches.readableBytes());
            ByteBuf batch = batches.readSlice(bytes);
            var place = new Place(log, batch.getLong(0));
            Seen first = seen.get(place);
            if (first == null) {
                seen.put(place, new Seen(Unpooled.copiedBuffer(batch), brokerId));
            } else if (!first.batch.equals(batch)) {
                throw new AssertionError("at offset " + place.baseOffset + " of " + log + " broker " + brokerId
                        + " has committed something else than broker " + first.brokerId);
            }
        }
    }
}
