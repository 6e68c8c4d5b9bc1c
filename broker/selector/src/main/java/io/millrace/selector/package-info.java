/**
 * Jakarta Messaging's properties and header fields as record headers, and message selectors over them.
 *
 * <p>The table of names and bytes is in the module's README. Nothing here knows a record or a message: headers are
 * names with bytes, so that clients, bridges and brokers share the one mapping.
 */
@NullMarked
package io.millrace.selector;

import org.jspecify.annotations.NullMarked;
