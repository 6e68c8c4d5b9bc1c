/**
 * What the cluster is: brokers, topics, partitions, and who may change them.
 *
 * <p>{@link io.millrace.metadata.ClusterImage} is the immutable picture that every broker holds. A
 * {@link io.millrace.metadata.MetadataStore} keeps it current and elects the controller; only a
 * {@link io.millrace.metadata.ControllerSession} writes topics and partition states, and each of its writes is fenced by the
 * controller epoch.
 */
@NullMarked
package io.millrace.metadata;

import org.jspecify.annotations.NullMarked;
