/** One record for every request and response, with its wire layout beside it. */
@NullMarked
package io.millrace.protocol.message;

import org.jspecify.annotations.NullMarked;
