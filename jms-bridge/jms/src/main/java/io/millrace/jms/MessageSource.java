package io.millrace.jms;

import io.millrace.client.AcknowledgeType;
import io.millrace.selector.MessageSelector;
import jakarta.jms.JMSException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Where a message consumer's messages come from. Safe for use by any thread. */
interface MessageSource {

    /** The next message that is here already, or null. Does not block. */
    @Nullable
    Delivery poll() throws JMSException;

    /**
     * Settles deliveries of this source; completes when the broker has committed it. A message that is released counts as
     * delivered as often as its delivery says.
     */
    CompletableFuture<Void> settle(List<Delivery> deliveries, AcknowledgeType type);

    /**
     * Whether a delivery that has failed must be released, as the broker lets the message wait or gives it up; else the consumer delivers it again
     * itself.
     */
    default boolean takesBack(Delivery failed) {
        return false;
    }

    /** What messages must match that this source gives. */
    MessageSelector selector();

    /** Whether nothing has arrived so far, so that the first answer of the broker may be still to come. */
    boolean isFresh();

    /** Gives back what is here and was not polled: the consumer has closed, but some deliveries are not settled yet. */
    void giveBackUnpolled();

    /** Gives back what was not settled. Bounded; idempotent. */
    void close();
}
