package io.millrace.client;

import io.millrace.record.RecordHeader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A record that was read. */
@SuppressWarnings(
        "ArrayRecordComponent") // the bytes are the user's; a copy for each record would cost more than it saves
public record ConsumerRecord(
        TopicPartition partition,
        long offset,
        int leaderEpoch,
        long timestampMs,
        byte @Nullable [] key,
        byte @Nullable [] value,
        List<RecordHeader> headers) {}
