/** Orders: taken by REST, sent by an injected producer, stored by a message-driven bean. */
package io.millrace.samples.orders;
