package io.millrace.coordinator.transaction;

import io.millrace.protocol.wire.MalformedMessageException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Where the transaction of a transactional id stands. Ids and names are Kafka's; ids from {@link #OWN_ID_MIN} on are kept for states that Kafka
 * does not have.
 *
 * <pre>
 *   EMPTY ----add----> ONGOING --commit--> PREPARE_COMMIT --markers written--> COMPLETE_COMMIT --add--> ONGOING
 *                         `-----abort, time is up, fenced--> PREPARE_ABORT --> COMPLETE_ABORT ---add--> ONGOING
 * </pre>
 *
 * A new producer makes EMPTY of each state that is not under way.
 */
public enum TransactionState {
    /** No transaction since the last new producer. */
    EMPTY(0, "Empty"),
    /** Partitions are added and written to. */
    ONGOING(1, "Ongoing"),
    /** The transaction is committed; its markers are being written. */
    PREPARE_COMMIT(2, "PrepareCommit"),
    /** The transaction is aborted; its markers are being written. */
    PREPARE_ABORT(3, "PrepareAbort"),
    /** The last transaction is committed in all its partitions. */
    COMPLETE_COMMIT(4, "CompleteCommit"),
    /** The last transaction is aborted in all its partitions. */
    COMPLETE_ABORT(5, "CompleteAbort"),
    /** The transactional id is being forgotten. Never written here, read as Kafka may have left it. */
    DEAD(6, "Dead"),
    /** The producer is being fenced. Never written here: the abort that fences is one record. */
    PREPARE_EPOCH_FENCE(7, "PrepareEpochFence");

    /** States of our own get ids from here on. */
    public static final int OWN_ID_MIN = 64;

    private static final Map<Byte, TransactionState> BY_ID =
            Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(TransactionState::id, Function.identity()));

    private final byte id;
    private final String kafkaName;

    TransactionState(int id, String kafkaName) {
        this.id = (byte) id;
        this.kafkaName = kafkaName;
    }

    /** @throws MalformedMessageException for an id that no state has */
    static TransactionState of(byte id) {
        return Optional.ofNullable(BY_ID.get(id))
                .orElseThrow(() -> new MalformedMessageException("A transaction has the state " + id
                        + "; this broker knows 0 to 7. A newer one may have written it"));
    }

    /** The state that administrators call so; empty for an unknown name. */
    public static Optional<TransactionState> ofName(String name) {
        return Arrays.stream(values())
                .filter(state -> state.kafkaName.equals(name))
                .findFirst();
    }

    byte id() {
        return id;
    }

    /** As administrators see it. */
    public String kafkaName() {
        return kafkaName;
    }

    /** Whether the outcome is decided and its markers are being written. */
    public boolean isEnding() {
        return this == PREPARE_COMMIT || this == PREPARE_ABORT;
    }

    /** Whether nothing is under way. */
    public boolean isIdle() {
        return this == EMPTY || this == COMPLETE_COMMIT || this == COMPLETE_ABORT;
    }
}
