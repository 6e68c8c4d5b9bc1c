/** Connections to brokers. */
@NullMarked
package io.millrace.client.network;

import org.jspecify.annotations.NullMarked;
