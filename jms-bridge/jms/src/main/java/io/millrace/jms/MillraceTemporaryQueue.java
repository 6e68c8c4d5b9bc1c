package io.millrace.jms;

import jakarta.jms.JMSException;
import jakarta.jms.TemporaryQueue;
import org.jspecify.annotations.Nullable;

/** A temporary queue: in the hands of the connection that has made it, or known by a message's {@code JMSReplyTo}. */
public final class MillraceTemporaryQueue extends MillraceQueue implements TemporaryQueue {
    private static final long serialVersionUID = 1;

    private final transient @Nullable ConnectionTemporaries owner;

    /** @param owner null: another connection's, or one that is only named */
    MillraceTemporaryQueue(String name, @Nullable ConnectionTemporaries owner) {
        super(name);
        this.owner = owner;
    }

    /** Refused while it has consumers, and to everybody but its connection. Does nothing where it is gone already. */
    @Override
    public void delete() throws JMSException {
        ConnectionTemporaries.delete(this, owner);
    }
}
