package io.millrace.client.network;

import io.millrace.protocol.message.FetchResponse;
import io.millrace.protocol.message.QueueBrowseResponse;
import io.millrace.protocol.message.QueueFetchResponse;
import io.millrace.protocol.message.ReplicaFetchResponse;
import io.millrace.protocol.message.Response;
import io.millrace.protocol.wire.Records;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the frame of a response alive for the record batches in it, once for each, so that they outlive the frame's
 * own handling and {@link Response#releaseRecords()} gives back just that.
 */
final class RetainedRecords {
    private RetainedRecords() {}

    static void retain(Response response) {
        if (response instanceof FetchResponse fetched) {
            fetched.responses().forEach(topic -> topic.partitions().forEach(partition -> retain(partition.records())));
        } else if (response instanceof QueueFetchResponse fetched) {
            fetched.topics().forEach(topic -> topic.partitions().forEach(partition -> retain(partition.records())));
        } else if (response instanceof QueueBrowseResponse browsed) {
            retain(browsed.records());
        } else if (response instanceof ReplicaFetchResponse fetched) {
            fetched.topics().forEach(topic -> topic.partitions()
                    .forEach(partition -> partition.logs().forEach(log -> retain(log.records()))));
        }
    }

    private static void retain(@Nullable Records records) {
        if (records != null) {
            records.buffer().retain();
        }
    }
}
