/**
 * Injected producers for queues and topics, of whatever JMS provider the application server has.
 *
 * <p>Goes into an application's {@code WEB-INF/lib} and needs the Jakarta APIs alone.
 */
@NullMarked
package io.millrace.cdi;

import org.jspecify.annotations.NullMarked;
