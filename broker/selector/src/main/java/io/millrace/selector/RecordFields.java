package io.millrace.selector;

import org.jspecify.annotations.Nullable;

/** The bytes of one record that a selector may ask for, whoever has read it. */
public interface RecordFields {
    int headerCount();

    /** The name of a header, counted from 0. */
    String headerName(int index);

    byte @Nullable [] headerValue(int index);

    /** The key, which is the message's group where it is UTF-8. */
    byte @Nullable [] key();

    long timestampMs();

    /** What a record without {@link ReservedHeaders#BODY} and message id is called: {@code ID:topic-partition@offset}. */
    String foreignMessageId();
}
