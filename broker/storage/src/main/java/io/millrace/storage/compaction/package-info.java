/** What compaction leaves of a log: rules over batches, without a disk. */
@NullMarked
package io.millrace.storage.compaction;

import org.jspecify.annotations.NullMarked;
