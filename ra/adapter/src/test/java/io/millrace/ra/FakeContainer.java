package io.millrace.ra;

import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.BootstrapContext;
import jakarta.resource.spi.UnavailableException;
import jakarta.resource.spi.XATerminator;
import jakarta.resource.spi.endpoint.MessageEndpoint;
import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import jakarta.resource.spi.work.WorkContext;
import jakarta.resource.spi.work.WorkManager;
import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Timer;
import java.util.concurrent.atomic.AtomicInteger;
import javax.transaction.xa.XAResource;

/**
 * What an application server is to an adapter: transactions that belong to threads, and beans behind endpoints.
 *
 * <p>Transacted deliveries begin their transaction in beforeDelivery and end it in afterDelivery.
 */
public final class FakeContainer implements BootstrapContext, TransactionSynchronizationRegistry {
    private final ThreadLocal<FakeTransaction> current = new ThreadLocal<>();

    private static final class FakeTransaction {
        final List<Synchronization> synchronizations = new ArrayList<>();
        boolean rollbackOnly;
    }

    /** A bean's body. */
    public interface Bean {
        void onMessage(Message message) throws Exception;
    }

    /** A deployed bean. */
    public final class Endpoint implements MessageEndpointFactory {
        public final AtomicInteger created = new AtomicInteger();
        public final AtomicInteger released = new AtomicInteger();
        public volatile boolean unavailable;
        private final Bean bean;
        private final boolean transacted;

        private Endpoint(Bean bean, boolean transacted) {
            this.bean = bean;
            this.transacted = transacted;
        }

        @Override
        public MessageEndpoint createEndpoint(XAResource resource) throws UnavailableException {
            created.incrementAndGet();
            if (unavailable) {
                throw new UnavailableException("the pool is exhausted");
            }
            return new Instance(this);
        }

        @Override
        public MessageEndpoint createEndpoint(XAResource resource, long timeout) throws UnavailableException {
            return createEndpoint(resource);
        }

        @Override
        public boolean isDeliveryTransacted(Method method) {
            return transacted;
        }

        @Override
        public String getActivationName() {
            return "not unique";
        }

        @Override
        public Class<?> getEndpointClass() {
            return FakeContainer.class;
        }
    }

    private final class Instance implements MessageEndpoint, MessageListener {
        private final Endpoint endpoint;

        Instance(Endpoint endpoint) {
            this.endpoint = endpoint;
        }

        @Override
        public void beforeDelivery(Method method) {
            if (current.get() != null) {
                throw new IllegalStateException("the last delivery's transaction was left on the thread");
            }
            if (endpoint.transacted) {
                current.set(new FakeTransaction());
            }
        }

        @Override
        public void onMessage(Message message) {
            try {
                endpoint.bean.onMessage(message);
            } catch (RuntimeException e) {
                setRollbackOnlyIfTransacted();
                throw e;
            } catch (Exception e) {
                // An application exception: the transaction goes on.
                throw new IllegalStateException(e);
            }
        }

        private void setRollbackOnlyIfTransacted() {
            if (current.get() != null) {
                setRollbackOnly();
            }
        }

        @Override
        public void afterDelivery() throws ResourceException {
            FakeTransaction transaction = current.get();
            current.remove();
            if (transaction != null) {
                int status = transaction.rollbackOnly ? Status.STATUS_ROLLEDBACK : Status.STATUS_COMMITTED;
                transaction.synchronizations.forEach(Synchronization::beforeCompletion);
                transaction.synchronizations.forEach(synchronization -> synchronization.afterCompletion(status));
            }
        }

        @Override
        public void release() {
            endpoint.released.incrementAndGet();
        }
    }

    public Endpoint transactedBean(Bean bean) {
        return new Endpoint(bean, true);
    }

    public Endpoint plainBean(Bean bean) {
        return new Endpoint(bean, false);
    }

    @Override
    public WorkManager getWorkManager() {
        throw new UnsupportedOperationException("the adapter has threads of its own");
    }

    @Override
    public XATerminator getXATerminator() {
        throw new UnsupportedOperationException("the adapter imports no transactions");
    }

    @Override
    public Timer createTimer() {
        throw new UnsupportedOperationException("the adapter has timers of its own");
    }

    @Override
    public boolean isContextSupported(Class<? extends WorkContext> context) {
        return false;
    }

    @Override
    public TransactionSynchronizationRegistry getTransactionSynchronizationRegistry() {
        return this;
    }

    @Override
    public Object getTransactionKey() {
        return current.get();
    }

    @Override
    public void putResource(Object key, Object value) {
        throw new UnsupportedOperationException("the adapter keeps nothing with transactions");
    }

    @Override
    public Object getResource(Object key) {
        return null;
    }

    @Override
    public void registerInterposedSynchronization(Synchronization synchronization) {
        current.get().synchronizations.add(synchronization);
    }

    @Override
    public int getTransactionStatus() {
        return current.get() == null ? Status.STATUS_NO_TRANSACTION : Status.STATUS_ACTIVE;
    }

    @Override
    public void setRollbackOnly() {
        current.get().rollbackOnly = true;
    }

    @Override
    public boolean getRollbackOnly() {
        return current.get().rollbackOnly;
    }
}
