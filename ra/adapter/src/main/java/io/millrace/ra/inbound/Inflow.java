package io.millrace.ra.inbound;

import io.millrace.client.DestinationDescription;
import jakarta.jms.JMSException;

/** The receiving side of an activation, opened anew after a failure. */
sealed interface Inflow permits QueueInflow, TopicInflow {

    /** How many threads call {@link #runSession}. */
    int sessions();

    /**
     * Receives and delivers until {@link #quiesce()} or the activation's stop signal.
     *
     * @throws io.millrace.client.ClientException where it cannot go on
     */
    void runSession(int session) throws InterruptedException, JMSException;

    /** Whether no further delivery may begin. */
    boolean isEnding();

    /** Called now and then with what the cluster says of the destination. */
    void onDescription(DestinationDescription destination);

    /** Lets no further delivery begin; what is being delivered finishes. */
    void quiesce();

    /** Gives back what was not settled. To be called when no session runs any more, or after the longest wait for that. */
    void close();
}
