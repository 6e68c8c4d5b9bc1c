/** The cluster's metadata in ZooKeeper. */
@NullMarked
package io.millrace.metadata.zookeeper;

import org.jspecify.annotations.NullMarked;
