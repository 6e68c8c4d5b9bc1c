package io.millrace.client;

/**
 * Where an acknowledged record is.
 *
 * @param offset -1 where the record was sent with {@code acks=0}
 */
public record RecordMetadata(TopicPartition partition, long offset, long timestampMs) {}
