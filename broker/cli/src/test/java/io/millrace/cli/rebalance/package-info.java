/** Tests of evening out. */
@NullMarked
package io.millrace.cli.rebalance;

import org.jspecify.annotations.NullMarked;
