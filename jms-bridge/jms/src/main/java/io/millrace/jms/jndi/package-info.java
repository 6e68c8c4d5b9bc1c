/**
 * Connection factories and destinations out of {@code jndi.properties}, for programs without a naming service.
 *
 * <p>Applications name {@link io.millrace.jms.jndi.PropertiesInitialContextFactory} in their JNDI environment.
 */
@NullMarked
package io.millrace.jms.jndi;

import org.jspecify.annotations.NullMarked;
