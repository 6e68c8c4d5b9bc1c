package io.millrace.protocol.message;

import static io.millrace.protocol.wire.Type.*;

import io.millrace.protocol.wire.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What became of a range of records; both offsets belong to it.
 *
 * @param type {@link #ACCEPT}, {@link #RELEASE}, {@link #REJECT} or {@link #RETURN}
 * @param deliveries with {@link #RELEASE}: how often the application was given the records, at least once; a consumer may
 *     do that again and again without asking the broker
 * @param error with {@link #RELEASE} and {@link #REJECT}: why, for whoever reads the dead-letter queue; null where the consumer does not say
 */
public record AcknowledgementBatch(
        long firstOffset, long lastOffset, byte type, short deliveries, @Nullable String error) {
    /** Done with: the records are not delivered again. */
    public static final byte ACCEPT = 1;

    /** Not done: the records are delivered again, or go to the dead-letter queue when they were too often. */
    public static final byte RELEASE = 2;

    /** Cannot be done: the records go to the dead-letter queue. */
    public static final byte REJECT = 3;

    /** Never handed to the application: the records are delivered again as if they had not been acquired. */
    public static final byte RETURN = 4;

    static final Schema<AcknowledgementBatch> SCHEMA = Schema.of(AcknowledgementBatch.class)
            .field("firstOffset", INT64)
            .field("lastOffset", INT64)
            .field("type", INT8)
            .field("deliveries", INT16.tag(0).orElse((short) 1))
            .field("error", NULLABLE_STRING.tag(1))
            .build();

    /** Without a reason. */
    public AcknowledgementBatch(long firstOffset, long lastOffset, byte type, short deliveries) {
        this(firstOffset, lastOffset, type, deliveries, null);
    }

    /** Of records that were delivered once. */
    public AcknowledgementBatch(long firstOffset, long lastOffset, byte type) {
        this(firstOffset, lastOffset, type, (short) 1);
    }
}
