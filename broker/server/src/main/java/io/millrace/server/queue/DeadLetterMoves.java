package io.millrace.server.queue;

import static java.lang.System.Logger.Level.INFO;
import static java.lang.System.Logger.Level.WARNING;

import io.millrace.coordinator.queue.CursorRecord;
import io.millrace.coordinator.queue.DeadLetter;
import io.millrace.coordinator.queue.PartitionCursors;
import io.millrace.coordinator.queue.QueueCursor;
import io.millrace.protocol.ErrorCode;
import io.millrace.record.InvalidRecordException;
import io.millrace.record.RecordBatchBuilder;
import io.millrace.replication.Cancellable;
import io.millrace.replication.PartitionKey;
import io.millrace.server.coordinator.AppendListener;
import io.millrace.server.coordinator.CoordinatorLog;
import io.millrace.server.coordinator.ReplicatedLog;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Moves what is dead in one partition to the dead-letter queue, some records at a time.
 *
 * <p>Owned by the partition's loop. What fails is tried again, after pauses, for as long as this broker leads; meanwhile nobody gets the records, and
 * nobody else waits for them. The three steps are in the order in which a leader that dies between any two of them leaves what the next one needs:
 *
 * <pre>
 *   idle --dead records--> finding their queue --> noting them --committed--> writing them --committed--> settling them --committed--> idle
 *              ^               |                      |                        |    |                        |
 *              `-- a pause ----+----------------------'                        |    `- again, after a pause  `- again, after a pause
 *              `---------------------------------------- refused for good -----'
 * </pre>
 */
final class DeadLetterMoves {
    private static final System.Logger LOGGER = System.getLogger(DeadLetterMoves.class.getName());

    /** The most records that are moved at once. */
    static final int LETTERS_MAX = 100;

    private static final int BATCH_BYTES_MAX = 256 * 1024;
    private static final short PRODUCER_EPOCH = 0;
    private static final int BASE_SEQUENCE = 0;
    static final long RETRY_MIN_MS = 500;
    private static final long RETRY_MAX_MS = 60_000;

    /** What it reads and changes. */
    record Parts(
            PartitionKey key,
            ReplicatedLog data,
            CoordinatorLog<CursorRecord> cursorLog,
            PartitionCursors cursors,
            InstantSource clock) {}

    /** How dead letters are sent. */
    record Way(DeadLetterTarget target, ByteBufAllocator allocator) {}

    private final Parts parts;
    private final DeadLetterTarget target;
    private final DeadLetterRecords records;
    private final Runnable onMoved;
    private boolean busy;
    private boolean alone; // one record at a time, to find the one that is refused
    private boolean stopped;
    private int failures;
    private @Nullable Cancellable pause;

    /** @param onMoved called when records are settled, so that others may be held */
    DeadLetterMoves(Parts parts, Way way, Runnable onMoved) {
        this.parts = parts;
        this.target = way.target();
        this.records = new DeadLetterRecords(parts.key(), parts.data(), way.allocator());
        this.onMoved = onMoved;
    }

    /** Begins to move what is dead, unless it does that already. */
    void look() {
        if (busy || stopped) {
            return;
        }
        for (QueueCursor cursor : parts.cursors().cursors()) {
            if (!cursor.dead().isEmpty()) {
                busy = true;
                cursor.dead().moving().ifPresentOrElse(this::write, () -> find(cursor));
                return;
            }
        }
    }

    private void find(QueueCursor cursor) {
        target.find(parts.key(), cursor.subscription())
                .whenComplete((address, failure) -> parts.data().loop().runOrExecute(() -> {
                    if (address != null) {
                        note(cursor, address);
                    } else {
                        failed("there is none: " + messageOf(failure), this::again);
                    }
                }));
    }

    private static String messageOf(@Nullable Throwable failure) {
        Throwable cause = failure == null || failure.getCause() == null ? failure : failure.getCause();
        return cause == null ? "nothing was answered" : String.valueOf(cause.getMessage());
    }

    private void note(QueueCursor cursor, DeadLetterTarget.Address address) {
        List<DeadLetter> first = cursor.dead().first(alone ? 1 : LETTERS_MAX);
        if (stopped || first.isEmpty()) {
            busy = false;
            return;
        }
        int bytesMax = Math.min(BATCH_BYTES_MAX, address.batchBytesMax());
        List<DeadLetter> fitting;
        try {
            var written = records.write(origin(cursor.subscription()), first, bytesMax, now());
            written.builder().close();
            fitting = written.letters();
        } catch (InvalidRecordException e) {
            cursor.dead().postpone(first.get(0).offset());
            alone = true;
            failed(String.valueOf(e.getMessage()), this::again);
            return;
        }
        var noted = new CursorRecord.DeadLettering(
                cursor.subscription(), address.queue(), address.partition(), address.producerId(), fitting);
        append(List.of(noted), () -> write(noted), this::again);
    }

    private DeadLetterTarget.Origin origin(@Nullable String subscription) {
        return target.origin(parts.key(), subscription);
    }

    private long now() {
        return parts.clock().millis();
    }

    private void write(CursorRecord.DeadLettering noted) {
        if (stopped) {
            return;
        }
        ByteBuf batch;
        try {
            batch = batchOf(noted);
        } catch (InvalidRecordException e) {
            boolean isCut = noted.letters().get(0).offset() < parts.data().logStartOffset();
            if (isCut) {
                abandon(noted); // what is left of it goes anew
            }
            failed(String.valueOf(e.getMessage()), isCut ? this::again : () -> write(noted));
            return;
        }
        target.append(noted.queue(), noted.partition(), batch)
                .whenComplete(
                        (error, failure) -> parts.data().loop().runOrExecute(() -> onWritten(noted, error, failure)));
    }

    private ByteBuf batchOf(CursorRecord.DeadLettering noted) throws InvalidRecordException {
        var written = records.write(origin(noted.subscription()), noted.letters(), Integer.MAX_VALUE, now());
        try (RecordBatchBuilder builder = written.builder()) {
            return builder.build(noted.producerId(), PRODUCER_EPOCH, BASE_SEQUENCE, false);
        }
    }

    private void onWritten(CursorRecord.DeadLettering noted, @Nullable ErrorCode error, @Nullable Throwable failure) {
        if (stopped) {
            return;
        }
        if (error == ErrorCode.NONE) {
            settle(noted);
        } else if (error == ErrorCode.UNKNOWN_TOPIC_OR_PARTITION) {
            abandon(noted);
            failed(noted.queue() + " is gone", this::again);
        } else if (error != null && isForGood(error)) {
            refuse(noted);
            failed(noted.queue() + " refuses offset " + noted.letters().get(0).offset() + ": " + error, this::again);
        } else {
            String why = error == null ? messageOf(failure) : error.toString();
            failed(noted.queue() + " cannot be written: " + why, () -> write(noted));
        }
    }

    /** Whether the batch was not appended, and will not be however often it is sent. */
    private static boolean isForGood(ErrorCode error) {
        return switch (error) {
            case MESSAGE_TOO_LARGE,
                    RECORD_LIST_TOO_LARGE,
                    INVALID_RECORD,
                    INVALID_TIMESTAMP,
                    CORRUPT_MESSAGE,
                    OUT_OF_ORDER_SEQUENCE_NUMBER,
                    INVALID_PRODUCER_EPOCH,
                    INVALID_REQUEST -> true;
            default -> false;
        };
    }

    private void abandon(CursorRecord.DeadLettering refused) {
        cursor(refused).ifPresent(cursor -> cursor.dead().onMoveRefused());
    }

    /** The records go one by one; one that was alone already lets the others pass. */
    private void refuse(CursorRecord.DeadLettering refused) {
        abandon(refused);
        if (refused.letters().size() == 1) {
            cursor(refused).ifPresent(cursor -> cursor.dead()
                    .postpone(refused.letters().get(0).offset()));
        }
        alone = true;
    }

    private Optional<QueueCursor> cursor(CursorRecord.DeadLettering noted) {
        return parts.cursors().cursor(noted.subscription());
    }

    private void settle(CursorRecord.DeadLettering noted) {
        append(List.of(noted.moved()), () -> onSettled(noted), () -> settle(noted));
    }

    private void onSettled(CursorRecord.DeadLettering noted) {
        LOGGER.log(
                failures > 0 ? INFO : System.Logger.Level.DEBUG,
                () -> noted.letters().size() + " dead message(s) of partition " + parts.key() + " have gone to "
                        + noted.queue());
        failures = 0;
        alone = false;
        busy = false;
        onMoved.run();
        look();
    }

    private void append(List<CursorRecord> appended, Runnable onCommitted, Runnable again) {
        parts.cursorLog().append(appended, new AppendListener() {
            @Override
            public void onCommitted() {
                appended.forEach(parts.cursors()::commit);
                onCommitted.run();
            }

            @Override
            public void onRefused(ErrorCode error) {
                failed("the cursor log is not written: " + error, again);
            }

            @Override
            public void onUncertain(ErrorCode error) {
                // It is told again once it is committed, or the next leader finds what is.
            }
        });
    }

    private void again() {
        busy = false;
        look();
    }

    private void failed(String why, Runnable again) {
        if (stopped) {
            return;
        }
        failures++;
        long delayMs = Math.min(RETRY_MAX_MS, RETRY_MIN_MS << Math.min(failures - 1, 10));
        if (Integer.bitCount(failures) == 1) {
            LOGGER.log(
                    WARNING,
                    () -> "Dead messages of partition " + parts.key() + " stay there, and nobody gets them, until their"
                            + " dead-letter queue takes them, which is tried again in " + delayMs + " ms (attempt "
                            + failures + "): " + why);
        }
        pause = parts.data().loop().schedule(delayMs, again);
    }

    /** The partition is led elsewhere. */
    void stop() {
        stopped = true;
        if (pause != null) {
            pause.cancel();
        }
    }
}
