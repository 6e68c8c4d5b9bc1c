/** Decides who leads: elections, in-sync replicas, placement of new topics, the liveness of brokers. */
@NullMarked
package io.millrace.replication.controller;

import org.jspecify.annotations.NullMarked;
