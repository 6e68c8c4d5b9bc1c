/** Kafka's classic consumer groups: who consumes what, and how far. */
@NullMarked
package io.millrace.coordinator.group;

import org.jspecify.annotations.NullMarked;
