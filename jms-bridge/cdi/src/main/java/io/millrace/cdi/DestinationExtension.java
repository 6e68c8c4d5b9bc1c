package io.millrace.cdi;

import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.spi.DefinitionException;
import jakarta.enterprise.inject.spi.Extension;
import jakarta.enterprise.inject.spi.InjectionPoint;
import jakarta.enterprise.inject.spi.ProcessInjectionPoint;
import java.util.Optional;

/** Finds mistakes at injection points of producers when the application is deployed. */
public class DestinationExtension implements Extension {
    private static final String JSONB = "jakarta.json.bind.JsonbBuilder";

    /** For the container, which makes it by its name. */
    public DestinationExtension() {}

    <T, X> void check(@Observes ProcessInjectionPoint<T, X> event) {
        InjectionPoint injectionPoint = event.getInjectionPoint();
        InjectedProducer.of(injectionPoint)
                .flatMap(DestinationExtension::objection)
                .ifPresent(objection ->
                        event.addDefinitionError(new DefinitionException(objection + ", at " + injectionPoint)));
    }

    private static Optional<String> objection(InjectedProducer wanted) {
        return wanted.objection().or(() -> wanted.isJson() && !hasJsonb() ? noJsonb(wanted) : Optional.empty());
    }

    private static Optional<String> noJsonb(InjectedProducer wanted) {
        return Optional.of("The payload of the Producer for \""
                + wanted.destination().name() + "\" is " + wanted.payloadType().getTypeName()
                + ", which is sent as JSON, but the application has no JSON-B (" + JSONB
                + "); add it, or send a String or "
                + "a byte[]");
    }

    private static boolean hasJsonb() {
        try {
            Class.forName(JSONB, false, DestinationExtension.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException ignored) {
            // The caller says so.
            return false;
        }
    }
}
