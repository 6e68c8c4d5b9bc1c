/** The logs of one partition on disk. */
@NullMarked
package io.millrace.storage;

import org.jspecify.annotations.NullMarked;
