package io.millrace.jms;

import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import jakarta.jms.TransactionRolledBackException;

/**
 * When what a session does takes effect: by its acknowledge mode, at the end of its own transactions, or at the end of one
 * that a container has begun, whatever the mode.
 *
 * <p>Transactions begin and end on the session's thread; questions may be asked by any.
 */
final class SessionTransaction {
    private final int sessionMode;
    private final SessionUse use;
    private final SessionSending sending;
    private final SessionReception reception;
    private volatile boolean managed;

    /** @param sessionMode one of the constants of {@link Session} */
    SessionTransaction(int sessionMode, SessionUse use, SessionSending sending, SessionReception reception) {
        this.sessionMode = sessionMode;
        this.use = use;
        this.sending = sending;
        this.reception = reception;
    }

    boolean isTransacted() {
        return sessionMode == Session.SESSION_TRANSACTED;
    }

    /** Whether a message is settled when it has been delivered, without the application's doing. */
    boolean settlesAtOnce() {
        return !holdsBack() && (sessionMode == Session.AUTO_ACKNOWLEDGE || settlesLazily());
    }

    boolean settlesLazily() {
        return sessionMode == Session.DUPS_OK_ACKNOWLEDGE;
    }

    /** Whether sends wait for a commit. */
    boolean holdsBack() {
        return isTransacted() || managed;
    }

    /** Acknowledges all that was received, where that is the application's to do; else nothing. */
    void acknowledge() throws JMSException {
        if (sessionMode == Session.CLIENT_ACKNOWLEDGE && !managed) {
            reception.acknowledgeAll("Acknowledging");
        }
    }

    void recover() throws JMSException {
        if (holdsBack()) {
            throw new IllegalStateException("The session is transacted; it cannot recover but roll back");
        }
        use.act("recover", reception::redeliverAll);
    }

    void commit() throws JMSException {
        requireOwn("commit");
        use.act("commit", this::commitNow);
    }

    private void commitNow() throws JMSException {
        sending.awaitAsyncSends();
        try {
            sending.commit();
        } catch (TransactionRolledBackException e) {
            reception.redeliverAll();
            throw e;
        }
        reception.acknowledgeAll("Acknowledging what the transaction has received (its sends are stored)");
    }

    void rollback() throws JMSException {
        requireOwn("roll back");
        use.act("roll back", this::rollbackNow);
    }

    private void rollbackNow() throws JMSException {
        sending.awaitAsyncSends();
        sending.rollback();
        reception.redeliverAll();
    }

    private void requireOwn(String operation) throws IllegalStateException {
        if (!isTransacted()) {
            throw new IllegalStateException("The session is not transacted; it cannot " + operation);
        }
        if (managed) {
            throw new IllegalStateException(
                    "The session takes part in a transaction of its container, which ends it; the session cannot "
                            + operation);
        }
    }

    void beginManaged() throws JMSException {
        if (managed) {
            throw new IllegalStateException("The session is in a transaction already; commit it or roll it back");
        }
        use.act("begin a transaction", () -> managed = true);
    }

    void commitManaged() throws JMSException {
        endManaged("commit", this::commitNow);
    }

    void rollbackManaged() throws JMSException {
        endManaged("roll back", this::rollbackNow);
    }

    private void endManaged(String operation, SessionUse.Action end) throws JMSException {
        if (!managed) {
            throw new IllegalStateException("The session is in no transaction; it cannot " + operation);
        }
        try {
            use.act(operation, end);
        } finally {
            managed = false;
        }
    }
}
