package io.millrace.replication.controller;

/** A partition by its topic's name. */
public record PartitionName(String topicName, int partition) {}
