package io.millrace.benchmarks.jms;

import io.millrace.benchmarks.figures.Effort;
import io.millrace.benchmarks.figures.Measured;
import io.millrace.benchmarks.figures.Stopwatch;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.XAConnection;
import jakarta.jms.XAConnectionFactory;
import jakarta.jms.XASession;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;

/** Transactions with two branches of one message each, in two connections: start, send, end, prepare both, commit both. */
record TwoPhaseRow() implements Row {
    private static final Duration TIME = Duration.ofSeconds(5);

    /** A branch; its transaction has the number. */
    private record Branch(long transaction, byte branch) implements Xid {
        @Override
        public int getFormatId() {
            return 0x4D52;
        }

        @Override
        public byte[] getGlobalTransactionId() {
            return ByteBuffer.allocate(Long.BYTES).putLong(transaction).array();
        }

        @Override
        public byte[] getBranchQualifier() {
            return new byte[] {branch};
        }
    }

    @Override
    public String name() {
        return "two-phase commits of two resources";
    }

    @Override
    public Measured run(Provider provider, Effort effort) throws JMSException {
        if (!(provider.factory() instanceof XAConnectionFactory factory)) {
            throw new IllegalStateException(
                    provider.factory().getClass().getName() + " is no XAConnectionFactory, which this row needs");
        }
        String queue = effort.unique("two-phase");
        long committed = 0;
        Stopwatch.Span span;
        try (XAConnection first = factory.createXAConnection();
                XAConnection second = factory.createXAConnection()) {
            XASession[] sessions = {first.createXASession(), second.createXASession()};
            MessageProducer[] producers = {
                sessions[0].createProducer(sessions[0].createQueue(queue)),
                sessions[1].createProducer(sessions[1].createQueue(queue))
            };
            Duration time = effort.time(TIME);
            long firstNumber = System.nanoTime();
            Stopwatch watch = provider.stopwatch();
            while (watch.isBefore(time)) {
                commit(firstNumber + committed, sessions, producers);
                committed++;
            }
            span = watch.stop();
        } catch (XAException e) {
            throw new IllegalStateException("transaction " + committed + " failed with XA error " + e.errorCode, e);
        }
        provider.drain(queue, committed * 2);
        return new Measured(
                List.of(Measured.Figure.rate("transactions/s", span.perSecond(committed))),
                span.cpuSecondsPerMillion(committed));
    }

    private static void commit(long transaction, XASession[] sessions, MessageProducer[] producers)
            throws JMSException, XAException {
        Branch[] branches = {new Branch(transaction, (byte) 0), new Branch(transaction, (byte) 1)};
        for (int i = 0; i < 2; i++) {
            XAResource resource = sessions[i].getXAResource();
            resource.start(branches[i], XAResource.TMNOFLAGS);
            producers[i].send(Provider.message(sessions[i], Provider.BODY_BYTES));
            resource.end(branches[i], XAResource.TMSUCCESS);
        }
        for (int i = 0; i < 2; i++) {
            int vote = sessions[i].getXAResource().prepare(branches[i]);
            if (vote != XAResource.XA_OK) {
                throw new IllegalStateException("prepare of a branch with a message voted " + vote);
            }
        }
        for (int i = 0; i < 2; i++) {
            sessions[i].getXAResource().commit(branches[i], false);
        }
    }
}
