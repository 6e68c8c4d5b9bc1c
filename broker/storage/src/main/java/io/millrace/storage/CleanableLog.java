package io.millrace.storage;

import java.util.concurrent.Executor;

/**
 * A log that a cleaner may look at.
 *
 * @param name for people
 * @param owner runs tasks as the owner of the log
 */
public record CleanableLog(String name, PartitionLog log, Executor owner) {}
