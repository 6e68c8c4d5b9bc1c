/** Evening out replicas and leaders over the brokers: what to move, and moving it. */
@NullMarked
package io.millrace.cli.rebalance;

import org.jspecify.annotations.NullMarked;
