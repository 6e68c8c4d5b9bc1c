package io.millrace.cdi;

import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSProducer;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/**
 * Sends by the container's connection factory: one context per send, which the container pools and enlists.
 *
 * @param <T> the payload's type
 */
final class DestinationProducer<T> implements Producer<T> {
    private static final long serialVersionUID = 1;

    private final InjectedDestination destination;
    /** After deserialization the payload's own class does. */
    private final transient @Nullable Type payloadType;

    /** Made with the first object that is neither text nor bytes; guarded by this. */
    private transient @Nullable Json json;

    DestinationProducer(InjectedDestination destination, Type payloadType) {
        this.destination = destination;
        this.payloadType = payloadType;
    }

    @Override
    public void send(T payload, SendOptions options) {
        if (payload == null) {
            throw new IllegalArgumentException("The payload for " + destination.name() + " is null");
        }
        Object body = payload instanceof String || payload instanceof byte[] ? payload : json(payload);
        try (JMSContext context = Naming.connectionFactory(destination).createContext()) {
            JMSProducer producer = context.createProducer();
            apply(options, producer);
            if (body instanceof byte[] bytes) {
                producer.send(target(context), bytes);
            } else {
                producer.send(target(context), (String) body);
            }
        }
    }

    private String json(Object payload) {
        Type type = payloadType == null || payloadType == Object.class ? payload.getClass() : payloadType;
        return writer().write(payload, type);
    }

    private synchronized Json writer() {
        if (json == null) {
            json = new Json();
        }
        return json;
    }

    private static void apply(SendOptions options, JMSProducer producer) {
        options.properties().forEach(producer::setProperty);
        options.correlationId().ifPresent(producer::setJMSCorrelationID);
        options.type().ifPresent(producer::setJMSType);
        options.priority().ifPresent(producer::setPriority);
        options.timeToLive().ifPresent(timeToLive -> producer.setTimeToLive(timeToLive.toMillis()));
        if (options.isNonPersistent()) {
            producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
        }
    }

    private jakarta.jms.Destination target(JMSContext context) {
        if (destination.isJndiName()) {
            return Naming.destination(destination.name());
        }
        return destination.kind() == Destination.Kind.QUEUE
                ? context.createQueue(destination.name())
                : context.createTopic(destination.name());
    }

    @Override
    public String toString() {
        return "Producer for " + destination.kind() + " " + destination.name();
    }
}
