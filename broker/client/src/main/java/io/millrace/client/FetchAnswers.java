package io.millrace.client;

import io.millrace.protocol.message.FetchRequest;
import io.millrace.protocol.message.FetchResponse;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatches;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What is written in fetches and read from their answers. */
final class FetchAnswers {
    private static final int UNKNOWN_EPOCH = -1;
    private static final long NOT_A_FOLLOWER = -1;
    private static final UUID NO_DIRECTORY = new UUID(0, 0);

    private FetchAnswers() {}

    static FetchRequest.Partition ask(
            FetchBuffer.Wanted wanted, DestinationDescription.@Nullable Partition known, int bytesMax) {
        return new FetchRequest.Partition(
                wanted.partition().partition(),
                known == null ? UNKNOWN_EPOCH : known.leaderEpoch(),
                wanted.fetchOffset(),
                UNKNOWN_EPOCH,
                NOT_A_FOLLOWER,
                bytesMax,
                NO_DIRECTORY,
                Long.MAX_VALUE);
    }

    /** The transactions that a consumer of committed records leaves out; none where it wanted all. */
    static List<FetchResponse.AbortedTransaction> aborted(FetchResponse.Partition partition) {
        List<FetchResponse.AbortedTransaction> aborted = partition.abortedTransactions();
        return aborted == null ? List.of() : aborted;
    }

    /** Where the next fetch goes on: behind the last batch that came whole. */
    static long nextOffset(ByteBuf records, long fetchOffset) {
        long next = fetchOffset;
        RecordBatches batches = RecordBatches.in(records);
        try {
            while (batches.hasNext()) {
                next = batches.next().nextOffset();
            }
        } catch (InvalidRecordException ignored) {
            // The last batch of an answer may be cut off; what is damaged otherwise shows when nothing whole remains.
        }
        return next;
    }
}
