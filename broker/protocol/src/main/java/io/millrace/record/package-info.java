/** Record batches of format 2 and their compression. */
@NullMarked
package io.millrace.record;

import org.jspecify.annotations.NullMarked;
