package io.millrace.cdi;

import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Produces;
import jakarta.enterprise.inject.spi.InjectionPoint;

/** Makes the producers that are injected. What an injection point must be, the extension has checked. */
@Dependent
public class Producers {

    /** For whatever payload and destination the injection point names. */
    @Produces
    @Destination("")
    public <T> Producer<T> producer(InjectionPoint injectionPoint) {
        InjectedProducer wanted = InjectedProducer.of(injectionPoint)
                .orElseThrow(() -> new IllegalStateException(
                        "A Producer can only be injected where @Destination names its destination, not at "
                                + injectionPoint));
        wanted.objection().ifPresent(objection -> {
            throw new IllegalStateException(objection + ", at " + injectionPoint);
        });
        return new DestinationProducer<>(wanted.destination(), wanted.payloadType());
    }
}
