/** The codec engine: primitive types, schemas, and their compilation to method handles. */
@NullMarked
package io.millrace.protocol.wire;

import org.jspecify.annotations.NullMarked;
