/** Tests of the resource adapter, with a container and a cluster in memory. */
package io.millrace.ra;
