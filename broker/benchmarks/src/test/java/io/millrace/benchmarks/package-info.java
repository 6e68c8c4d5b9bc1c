/** Millrace and its peers side by side, in one run, with the same clients. */
@NullMarked
package io.millrace.benchmarks;

import org.jspecify.annotations.NullMarked;
