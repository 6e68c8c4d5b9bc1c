/** What the cluster is: brokers, topics, partitions, and who may change them. */
@NullMarked
package io.millrace.metadata;

import org.jspecify.annotations.NullMarked;
