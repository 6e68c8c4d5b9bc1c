/** The Kafka protocol: API keys, error codes, frames. */
@NullMarked
package io.millrace.protocol;

import org.jspecify.annotations.NullMarked;
