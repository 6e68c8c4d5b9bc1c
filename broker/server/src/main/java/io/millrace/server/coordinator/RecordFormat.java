package io.millrace.server.coordinator;

import io.millrace.coordinator.EncodedRecord;
import io.millrace.protocol.wire.Bytes;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How the records of a coordinator become bytes, and are read back. */
public interface RecordFormat<R> {

    EncodedRecord write(R value);

    /**
     * The record; empty where it means nothing to this coordinator.
     *
     * @throws io.millrace.protocol.wire.MalformedMessageException where the bytes are not understood
     */
    Optional<R> read(Bytes key, @Nullable Bytes value);
}
