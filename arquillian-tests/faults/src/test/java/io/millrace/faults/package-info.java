/** Real faults on real processes under load, and the histories that clients wrote meanwhile. */
package io.millrace.faults;
