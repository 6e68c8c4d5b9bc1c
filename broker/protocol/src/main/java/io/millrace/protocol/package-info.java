/** What both ends of a connection agree on: the error codes. The frames are in {@code wire} and {@code message}. */
@NullMarked
package io.millrace.protocol;

import org.jspecify.annotations.NullMarked;
