package io.millrace.coordinator.transaction;

import java.util.OptionalLong;

/** Where new producer ids come from. */
@FunctionalInterface
public interface ProducerIdSource {

    /** An id that nobody has had; empty while none is at hand, in which case the client asks again. */
    OptionalLong next();
}
