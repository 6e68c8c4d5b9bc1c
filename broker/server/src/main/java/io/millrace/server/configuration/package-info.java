/** Settings of brokers and topics: their names, what is legal, what holds where nothing is set. */
@NullMarked
package io.millrace.server.configuration;

import org.jspecify.annotations.NullMarked;
