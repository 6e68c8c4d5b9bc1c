package io.millrace.storage;

import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * A log that a cleaner may look at.
 *
 * @param name for people
 * @param owner runs tasks as the owner of the log
 * @param onDamage told of damage that the cleaner has met, on its thread
 */
public record CleanableLog(String name, PartitionLog log, Executor owner, Consumer<CorruptLogException> onDamage) {

    /** A log whose damage is nobody's concern. */
    CleanableLog(String name, PartitionLog log, Executor owner) {
        this(name, log, owner, damage -> {});
    }
}
