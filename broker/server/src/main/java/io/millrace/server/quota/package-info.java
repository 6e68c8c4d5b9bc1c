/** How much clients may do per second, and what becomes of those who do more. */
@NullMarked
package io.millrace.server.quota;

import org.jspecify.annotations.NullMarked;
