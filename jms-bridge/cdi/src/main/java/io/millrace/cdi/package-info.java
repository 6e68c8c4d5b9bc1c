/** Injected producers. */
@NullMarked
package io.millrace.cdi;

import org.jspecify.annotations.NullMarked;
