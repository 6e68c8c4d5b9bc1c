/** What configuration says, and the cluster clients that equal configurations share. */
@NullMarked
package io.millrace.ra.configuration;

import org.jspecify.annotations.NullMarked;
