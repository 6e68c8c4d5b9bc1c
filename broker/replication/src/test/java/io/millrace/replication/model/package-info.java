/** Checks the model of the replication in {@code src/model} by TLC; in the profile {@code model} only. */
@org.jspecify.annotations.NullMarked
package io.millrace.replication.model;
