package io.millrace.replication;

import io.millrace.replication.SimulationChecks.LogName;
import io.millrace.storage.LogSamples;
import io.millrace.storage.LogSlice;
import io.millrace.storage.OffsetOutOfRangeException;
import io.millrace.storage.StorageException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What the replicas of a simulation hold: what one has committed is the same everywhere at every time, and so are batches of one epoch at one offset,
 * committed or not.
 */
final class LogMatching {
    /** On the heap and unwatched: there are many, and all are released here. */
    static final ByteBufAllocator ALLOCATOR = new UnpooledByteBufAllocator(false, true);

    private static final int LENGTH_AT = Long.BYTES;
    private static final int PREFIX_BYTES = LENGTH_AT + Integer.BYTES;
    private static final int READ_BYTES = 1 << 20;

    /** @param leaderEpoch of what is not committed yet */
    private record Place(LogName log, long baseOffset, int leaderEpoch) {}

    private static final int COMMITTED = -1;

    /** The first that was seen there. */
    private record Seen(ByteBuf batch, int brokerId) {}

    private final Map<Place, Seen> seen = new HashMap<>();

    /** Compares what a replica has committed from one offset up to another with what others had there. */
    void compareCommitted(int brokerId, LogName log, Partition partition, long from, long to) {
        forEachBatch(log.kind(), partition, from, to, batch -> {
            var place = new Place(log, batch.getLong(0), COMMITTED);
            compare(place, batch, brokerId, "has committed something else");
        });
    }

    /** Compares what a replica has written from one offset up to another with what others wrote there in the same epochs. */
    void compareWritten(int brokerId, LogName log, Partition partition, long from, long to) {
        forEachBatch(log.kind(), partition, from, to, batch -> {
            var place = new Place(log, batch.getLong(0), batch.getInt(PREFIX_BYTES));
            compare(place, batch, brokerId, "has written something else");
        });
    }

    private void compare(Place place, ByteBuf batch, int brokerId, String what) {
        Seen first = seen.get(place);
        if (first == null) {
            seen.put(place, new Seen(Unpooled.copiedBuffer(batch), brokerId));
        } else if (!first.batch.equals(batch)) {
            throw new AssertionError("at offset " + place.baseOffset + " of " + place.log + " broker " + brokerId + " "
                    + what + " in epoch " + batch.getInt(PREFIX_BYTES) + " than broker " + first.brokerId + " in epoch "
                    + first.batch.getInt(PREFIX_BYTES));
        }
    }

    private static void forEachBatch(LogKind kind, Partition partition, long from, long to, Consumer<ByteBuf> each) {
        long start = Math.max(from, partition.logStartOffset(kind));
        if (start >= to || partition.isOffline()) {
            return;
        }
        try (LogSlice slice = partition.rawLog(kind).read(start, READ_BYTES, to, true)) {
            ByteBuf batches = slice.toByteBuf(ALLOCATOR);
            try {
                while (batches.readableBytes() > PREFIX_BYTES) {
                    int bytes = PREFIX_BYTES + batches.getInt(batches.readerIndex() + LENGTH_AT);
                    each.accept(batches.readSlice(Math.min(bytes, batches.readableBytes())));
                }
            } finally {
                batches.release();
            }
        } catch (OffsetOutOfRangeException e) {
            throw new AssertionError(e);
        } catch (StorageException unreadable) {
            // Its disk fails, which is one of the faults.
        }
    }

    /** Reads a whole log from an offset on. */
    static void read(Partition partition, LogKind kind, long from, Consumer<ByteBuf> consumer) {
        long offset = from;
        while (offset < partition.logEndOffset(kind)) {
            try (LogSlice slice = partition.rawLog(kind).read(offset, READ_BYTES, Long.MAX_VALUE, true)) {
                ByteBuf batches = slice.toByteBuf(ALLOCATOR);
                try {
                    consumer.accept(batches.slice());
                    var ignored = new ArrayList<String>();
                    offset = LogSamples.addValues(batches, offset, ignored);
                } finally {
                    batches.release();
                }
            } catch (OffsetOutOfRangeException e) {
                throw new AssertionError(e);
            }
        }
    }
}
