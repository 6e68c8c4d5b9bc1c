/** Jakarta Messaging on the native client. */
@NullMarked
package io.millrace.jms;

import org.jspecify.annotations.NullMarked;
