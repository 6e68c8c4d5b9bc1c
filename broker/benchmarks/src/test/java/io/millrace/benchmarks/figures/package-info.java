/** What the suites of figures share: what a pass has shown, how much is done, how time is taken, and the table of ratios. */
@NullMarked
package io.millrace.benchmarks.figures;

import org.jspecify.annotations.NullMarked;
