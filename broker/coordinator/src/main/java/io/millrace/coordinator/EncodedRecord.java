package io.millrace.coordinator;

import io.millrace.protocol.wire.Bytes;
import org.jspecify.annotations.Nullable;

/**
 * Key and value of a record in a coordinator's log.
 *
 * @param value null marks the key as deleted
 */
public record EncodedRecord(Bytes key, @Nullable Bytes value) {}
