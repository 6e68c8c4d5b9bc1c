/** JMS properties in record headers. */
@NullMarked
package io.millrace.selector;

import org.jspecify.annotations.NullMarked;
