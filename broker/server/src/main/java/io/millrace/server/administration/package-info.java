/** What administrators ask for beyond creating and deleting: configurations, partitions, and what the cluster looks like. */
@NullMarked
package io.millrace.server.administration;

import org.jspecify.annotations.NullMarked;
