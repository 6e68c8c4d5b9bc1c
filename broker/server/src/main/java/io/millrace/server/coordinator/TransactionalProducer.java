package io.millrace.server.coordinator;

/** On whose behalf a batch is part of a transaction. */
public record TransactionalProducer(long producerId, short producerEpoch) {}
