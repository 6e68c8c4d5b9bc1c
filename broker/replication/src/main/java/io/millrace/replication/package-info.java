/** Who leads, who follows, what is committed. */
@NullMarked
package io.millrace.replication;

import org.jspecify.annotations.NullMarked;
