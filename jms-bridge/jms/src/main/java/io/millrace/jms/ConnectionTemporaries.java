package io.millrace.jms;

import io.millrace.client.ClientException;
import io.millrace.client.DestinationKind;
import io.millrace.client.QueueMessage;
import io.millrace.client.TemporaryDestinations;
import io.millrace.client.TemporaryName;
import io.millrace.selector.MessageSelector;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The temporary destinations of one connection, and what was sent to them: it comes here at once and waits here for its consumers, who are all of this connection.
 *
 * <p>Safe for use by any thread; the native owner, which is made for the first destination, is guarded by this.
 */
final class ConnectionTemporaries {
    private static final Duration DELETE_MAX = Duration.ofSeconds(10);

    private final ClusterLink link;
    private final InstantSource clock;
    private final Consumer<JMSException> onException;
    private final Map<String, TemporaryMailbox> mailboxes = new ConcurrentHashMap<>();
    private @Nullable TemporaryDestinations owned;
    private boolean closed;

    /** @param onException told that all temporary destinations are lost */
    ConnectionTemporaries(ClusterLink link, InstantSource clock, Consumer<JMSException> onException) {
        this.link = link;
        this.clock = clock;
        this.onException = onException;
    }

    MillraceTemporaryQueue createQueue() throws JMSException {
        return new MillraceTemporaryQueue(create(DestinationKind.QUEUE, "Creating a temporary queue"), this);
    }

    MillraceTemporaryTopic createTopic() throws JMSException {
        return new MillraceTemporaryTopic(create(DestinationKind.TOPIC, "Creating a temporary topic"), this);
    }

    private String create(DestinationKind kind, String doing) throws JMSException {
        try {
            return Failures.await(owned().create(kind), link.requestTimeout(), doing);
        } catch (ClientException e) {
            throw Failures.of(doing, e);
        }
    }

    private synchronized TemporaryDestinations owned() throws IllegalStateException {
        if (closed) {
            throw new IllegalStateException("The connection is closed");
        }
        if (owned == null) {
            owned = link.client().newTemporaryDestinations(new Arrivals());
        }
        return owned;
    }

    private synchronized @Nullable TemporaryDestinations known() {
        return owned;
    }

    /** A consumer of a temporary destination, which must be of this connection. */
    MessageSource open(MillraceDestination destination, MessageSelector selector, Bell bell) throws JMSException {
        return mailbox(destination).open(selector, bell);
    }

    /** What a temporary queue of this connection has that is not acknowledged. */
    List<MessageDecoder.Content> browse(MillraceQueue queue) throws JMSException {
        return mailbox(queue).contents();
    }

    private TemporaryMailbox mailbox(MillraceDestination destination) throws InvalidDestinationException {
        TemporaryMailbox mailbox = mailboxes.get(destination.getName());
        if (mailbox == null || TemporaryName.kind(destination.getName()) != destination.kind()) {
            throw new InvalidDestinationException(
                    destination + " is not a temporary destination of this connection, or "
                            + "not any more; only the connection that has created one can consume from it");
        }
        return mailbox;
    }

    /** @param owner null: not the connection whose object this is */
    static void delete(MillraceDestination destination, @Nullable ConnectionTemporaries owner) throws JMSException {
        if (owner == null) {
            throw new IllegalStateException("Only the connection that has created " + destination
                    + " can delete it, by the object it was given");
        }
        owner.delete(destination);
    }

    private void delete(MillraceDestination destination) throws JMSException {
        String name = destination.getName();
        TemporaryMailbox mailbox = mailboxes.get(name);
        TemporaryDestinations at = known();
        if (mailbox == null || at == null) {
            return;
        }
        mailbox.delete();
        mailboxes.remove(name);
        Failures.await(at.delete(name), DELETE_MAX, "Deleting " + destination);
    }

    /** All of them are gone; others can be made. Their consumers must be closed already. */
    void deleteAll() {
        TemporaryDestinations ending;
        synchronized (this) {
            ending = owned;
            owned = null;
        }
        mailboxes.clear();
        if (ending != null) {
            ending.close();
        }
    }

    void close() {
        synchronized (this) {
            closed = true;
        }
        deleteAll();
    }

    /** What the native owner tells, on its event loop. */
    private final class Arrivals implements TemporaryDestinations.Listener {
        @Override
        public void onCreated(String name) {
            MillraceDestination destination = MillraceDestination.of(name, TemporaryName.kind(name));
            mailboxes.put(name, new TemporaryMailbox(destination, bytes -> onConsumed(name, bytes), clock));
        }

        private void onConsumed(String name, int bytes) {
            TemporaryDestinations at = known();
            if (at != null) {
                at.consumed(name, bytes);
            }
        }

        @Override
        public void onMessage(QueueMessage message, int bytes) {
            TemporaryMailbox mailbox = mailboxes.get(message.partition().topic());
            if (mailbox != null) {
                mailbox.onMessage(message, bytes);
            }
        }

        @Override
        public void onLost(ClientException why) {
            List<TemporaryMailbox> lost = List.copyOf(mailboxes.values());
            mailboxes.clear();
            lost.forEach(mailbox -> mailbox.onLost(String.valueOf(why.getMessage())));
            if (!lost.isEmpty()) {
                tell(Failures.caused(
                        new JMSException(lost.size() + " temporary destinations of this connection are lost: "
                                + why.getMessage()),
                        why));
            }
        }

        /** The exception listener is an application's and may take its time, which an event loop has not. */
        private void tell(JMSException lost) {
            Threads.newDaemon("millrace-temporaries-lost", () -> onException.accept(lost), onException)
                    .start();
        }
    }
}
