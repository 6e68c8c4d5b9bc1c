package io.millrace.cdi;

import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.spi.InjectionPoint;
import jakarta.inject.Provider;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Optional;

/**
 * What an injection point with {@link Destination} asks for.
 *
 * @param type the producer's, out of {@code Instance} or {@code Provider}
 */
record InjectedProducer(InjectedDestination destination, Type type) {

    /** Empty where the injection point has no {@link Destination}. */
    static Optional<InjectedProducer> of(InjectionPoint injectionPoint) {
        return injectionPoint.getQualifiers().stream()
                .filter(Destination.class::isInstance)
                .map(Destination.class::cast)
                .findFirst()
                .map(annotation ->
                        new InjectedProducer(InjectedDestination.of(annotation), unwrapped(injectionPoint.getType())));
    }

    private static Type unwrapped(Type type) {
        if (type instanceof ParameterizedType parameterized
                && (parameterized.getRawType() == Instance.class || parameterized.getRawType() == Provider.class)) {
            return parameterized.getActualTypeArguments()[0];
        }
        return type;
    }

    Type payloadType() {
        return type instanceof ParameterizedType parameterized
                ? parameterized.getActualTypeArguments()[0]
                : Object.class;
    }

    boolean isJson() {
        return payloadType() != String.class && payloadType() != byte[].class;
    }

    /** Why nothing can be injected. */
    Optional<String> objection() {
        if (!(type instanceof ParameterizedType parameterized) || parameterized.getRawType() != Producer.class) {
            return Optional.of("@Destination(\"" + destination.name() + "\") stands at a " + type.getTypeName()
                    + "; it must stand at a Producer with the payload's type: Producer<String>, Producer<byte[]>, "
                    + "Producer<Order>");
        }
        Type payload = payloadType();
        if (payload instanceof WildcardType || payload instanceof TypeVariable<?>) {
            return Optional.of("The payload of the Producer for \"" + destination.name() + "\" is "
                    + payload.getTypeName() + "; it must be a type: String, byte[], or a class for JSON");
        }
        if (payload instanceof Class<?> payloadClass && jakarta.jms.Message.class.isAssignableFrom(payloadClass)) {
            return Optional.of("The payload of the Producer for \"" + destination.name() + "\" is "
                    + payload.getTypeName() + "; it must be the content. To send messages, inject a JMSContext");
        }
        return destination.objection();
    }
}
