/**
 * Jakarta Messaging 3.1 on the native client.
 *
 * <p>Applications use {@link io.millrace.jms.MillraceConnectionFactory}, {@link io.millrace.jms.MillraceQueue} and
 * {@link io.millrace.jms.MillraceTopic}. A resource adapter also uses {@link io.millrace.jms.MessageDecoder} for what
 * it receives itself.
 */
@NullMarked
package io.millrace.jms;

import org.jspecify.annotations.NullMarked;
