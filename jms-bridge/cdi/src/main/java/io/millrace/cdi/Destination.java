package io.millrace.cdi;

import static java.lang.annotation.ElementType.FIELD;
import static java.lang.annotation.ElementType.METHOD;
import static java.lang.annotation.ElementType.PARAMETER;
import static java.lang.annotation.ElementType.TYPE;

import jakarta.enterprise.util.Nonbinding;
import jakarta.inject.Qualifier;
import java.lang.annotation.Documented;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Says where an injected {@link Producer} sends to:
 *
 * <pre>{@code @Inject @Destination("orders") Producer<Order> orders;}</pre>
 */
@Qualifier
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({FIELD, PARAMETER, METHOD, TYPE})
public @interface Destination {

    /**
     * The destination's name. With a {@code /} or {@code :} in it, the JNDI name of a queue or topic:
     * {@code java:/jms/queue/orders}.
     */
    @Nonbinding
    String value();

    /** What the name names; a JNDI name's object says it itself. */
    @Nonbinding
    Kind kind() default Kind.QUEUE;

    /**
     * The JNDI name of the connection factory. Empty: the first that is bound of {@code java:/jms/Millrace} (WildFly),
     * {@code jms/Millrace} (Payara, GlassFish), {@code java:comp/DefaultJMSConnectionFactory} (the server's default).
     */
    @Nonbinding
    String connectionFactory() default "";

    /** What a destination is. */
    enum Kind {
        QUEUE,
        TOPIC
    }
}
