/** The Jakarta Connectors resource adapter. */
@NullMarked
package io.millrace.ra;

import org.jspecify.annotations.NullMarked;
