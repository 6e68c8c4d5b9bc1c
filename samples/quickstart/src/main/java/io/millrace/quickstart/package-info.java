/** The main job in one command: a cluster, an application server, and the samples. */
@NullMarked
package io.millrace.quickstart;

import org.jspecify.annotations.NullMarked;
