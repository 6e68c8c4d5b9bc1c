package io.millrace.jms;

import io.millrace.client.DestinationKind;
import jakarta.jms.Queue;

/** A queue, known by its name. */
public sealed class MillraceQueue extends MillraceDestination implements Queue permits MillraceTemporaryQueue {
    private static final long serialVersionUID = 1;

    /** For containers, which set the name afterwards. */
    public MillraceQueue() {
        this("");
    }

    public MillraceQueue(String name) {
        super(name);
    }

    @Override
    public final String getQueueName() {
        return getName();
    }

    @Override
    public final DestinationKind kind() {
        return DestinationKind.QUEUE;
    }
}
