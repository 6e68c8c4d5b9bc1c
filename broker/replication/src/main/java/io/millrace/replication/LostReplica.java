package io.millrace.replication;

/**
 * A replica for which its broker has no usable log: it may lack committed records, so it must leave the in-sync and the eligible replicas.
 *
 * @param partitionEpoch the state that the broker knows; the controller heeds the loss in that state alone
 */
public record LostReplica(PartitionKey partition, int partitionEpoch) {}
