package io.millrace.coordinator.transaction;

import io.millrace.coordinator.Outcome;
import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.EndTxnRequest;
import io.millrace.protocol.message.EndTxnResponse;
import io.millrace.protocol.message.InitProducerIdRequest;
import io.millrace.protocol.message.InitProducerIdResponse;
import io.millrace.record.RecordBatch;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The transactions of one partition of {@code __transaction_state}.
 *
 * <p>Owned by the loop of that partition. Only the partition's leader has one, restored by {@link #replay} and {@link #onLoaded}. Everything that a producer
 * is told rests on a committed record. Whoever asks while a record of the same id is on its way is told CONCURRENT_TRANSACTIONS and asks again.
 *
 * <p>Decides also of its own accord, in {@link #expire}: a transaction that is open for too long is aborted and its producer fenced, one that is decided
 * gets its markers until all are written, an id that is not used is forgotten.
 */
public final class Transactions {
    /** Transactional ids in one partition. */
    static final int TRANSACTIONAL_IDS_MAX = 100_000;
    /** Partitions in one transaction. */
    static final int PARTITIONS_MAX = 100_000;
    /** Records of what is due at one time: as many as fit into a batch. */
    static final int EXPIRED_MAX = 1_000;
    /** After which a marker or a record that could not be written is tried again. */
    static final long RETRY_MS = 100;

    private final TransactionConfiguration configuration;
    private final ProducerIdSource ids;
    private final Map<String, TransactionEntry> entries = new TreeMap<>();
    private final TransactionWakeups wakeups = new TransactionWakeups();
    private final List<MarkersDue> markersDue = new ArrayList<>();

    /** No transactions yet. */
    public Transactions(TransactionConfiguration configuration, ProducerIdSource ids) {
        this.configuration = configuration;
        this.ids = ids;
    }

    /**
     * A producer takes over a transactional id. PRODUCER_FENCED for one that has been displaced, INVALID_TRANSACTION_TIMEOUT,
     * CONCURRENT_TRANSACTIONS while a transaction is ending, or was open and is being aborted.
     */
    public Outcome<TransactionRecord, InitProducerIdResponse> initialize(InitProducerIdRequest request, long nowMs) {
        String id = Objects.requireNonNullElse(request.transactionalId(), "");
        boolean claimsId = request.producerId() != RecordBatch.NO_PRODUCER_ID;
        boolean claimsEpoch = request.producerEpoch() != RecordBatch.NO_PRODUCER_EPOCH;
        if (id.isEmpty() || claimsId != claimsEpoch) {
            return Outcome.answer(refused(ErrorCode.INVALID_REQUEST));
        }
        int timeoutMs = request.transactionTimeoutMs();
        if (timeoutMs <= 0 || timeoutMs > configuration.timeoutMaxMs()) {
            return Outcome.answer(refused(ErrorCode.INVALID_TRANSACTION_TIMEOUT));
        }
        TransactionEntry known = entries.get(id);
        if (known == null && entries.size() >= TRANSACTIONAL_IDS_MAX) {
            return Outcome.answer(refused(ErrorCode.COORDINATOR_NOT_AVAILABLE));
        }
        var claimed = new ProducerIdAndEpoch(request.producerId(), request.producerEpoch());
        var initialization = new ProducerInitialization(claimed, timeoutMs, ids, nowMs);
        TransactionDecision decision = known == null
                ? initialization.ofUnknown()
                : decide(known, initialization::of, ErrorCode.CONCURRENT_TRANSACTIONS);
        InitProducerIdResponse answer = decision.error().isError()
                ? refused(decision.error())
                : decision.next()
                        .map(next ->
                                new InitProducerIdResponse(0, ErrorCode.NONE, next.producerId(), next.producerEpoch()))
                        .orElseGet(() -> refused(ErrorCode.UNKNOWN_SERVER_ERROR));
        return new Outcome<>(records(id, decision), answer);
    }

    private static InitProducerIdResponse refused(ErrorCode error) {
        return new InitProducerIdResponse(0, error, RecordBatch.NO_PRODUCER_ID, RecordBatch.NO_PRODUCER_EPOCH);
    }

    private static TransactionDecision decide(
            TransactionEntry entry, Function<Transaction, TransactionDecision> rule, ErrorCode whileChanging) {
        return entry.isChanging()
                ? TransactionDecision.refuse(whileChanging)
                : entry.current().map(rule).orElseGet(() -> TransactionDecision.refuse(whileChanging));
    }

    private List<TransactionRecord> records(String id, TransactionDecision decision) {
        if (decision.next().isEmpty()) {
            return List.of();
        }
        entries.computeIfAbsent(id, TransactionEntry::new)
                .onChanging(decision.next().get());
        wakeups.plan(id, Long.MAX_VALUE);
        return List.of(new TransactionRecord(id, decision.next().get()));
    }

    /**
     * Adds partitions to the transaction of a producer, and begins it if none is ongoing.
     *
     * @param clientVersion {@link Transaction#V2} where the leader of the partition asks on behalf of a produce request
     */
    public Outcome<TransactionRecord, ErrorCode> add(
            String transactionalId,
            ProducerIdAndEpoch producer,
            Collection<TransactionPartition> partitions,
            short clientVersion,
            long nowMs) {
        if (transactionalId.isEmpty()) {
            return Outcome.answer(ErrorCode.INVALID_REQUEST);
        }
        TransactionEntry entry = entries.get(transactionalId);
        TransactionDecision decision = entry == null
                ? TransactionDecision.refuse(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
                : entry.latest()
                        .filter(latest -> latest.state() == TransactionState.ONGOING)
                        .map(latest -> addToo(latest, producer, partitions, clientVersion, nowMs))
                        .orElseGet(() -> decide(
                                entry,
                                current -> add(current, producer, partitions, clientVersion, nowMs),
                                ErrorCode.CONCURRENT_TRANSACTIONS));
        return new Outcome<>(records(transactionalId, decision), decision.error());
    }

    /** Others are being added: the answer must wait for a record in any case, and if theirs is not written, they belong to the transaction all the same. */
    private static TransactionDecision addToo(
            Transaction latest,
            ProducerIdAndEpoch producer,
            Collection<TransactionPartition> partitions,
            short clientVersion,
            long nowMs) {
        TransactionDecision decision = add(latest, producer, partitions, clientVersion, nowMs);
        return decision.error().isError() || decision.next().isPresent() ? decision : TransactionDecision.write(latest);
    }

    private static TransactionDecision add(
            Transaction current,
            ProducerIdAndEpoch producer,
            Collection<TransactionPartition> partitions,
            short clientVersion,
            long nowMs) {
        ErrorCode refusal = check(current, producer);
        if (refusal.isError()) {
            return TransactionDecision.refuse(refusal);
        }
        boolean isOngoing = current.state() == TransactionState.ONGOING;
        if (isOngoing && current.partitions().containsAll(partitions)) {
            return TransactionDecision.done();
        }
        if (isOngoing && current.partitions().size() + partitions.size() > PARTITIONS_MAX) {
            return TransactionDecision.refuse(ErrorCode.TRANSACTION_ABORTABLE);
        }
        return TransactionDecision.write(current.withAdded(partitions, clientVersion, nowMs));
    }

    private static ErrorCode check(Transaction current, ProducerIdAndEpoch producer) {
        if (current.state().isEnding() && producer.equals(current.nextProducer())) {
            return ErrorCode.CONCURRENT_TRANSACTIONS;
        }
        if (current.producerId() != producer.producerId()) {
            return ErrorCode.INVALID_PRODUCER_ID_MAPPING;
        }
        if (current.producerEpoch() != producer.epoch()) {
            return ErrorCode.PRODUCER_FENCED;
        }
        return current.state() == TransactionState.ONGOING || current.state().isIdle()
                ? ErrorCode.NONE
                : ErrorCode.CONCURRENT_TRANSACTIONS;
    }

    /**
     * Whether a partition belongs to the ongoing transaction of a producer (KIP-890): TRANSACTION_ABORTABLE where it does not, so that nothing is written to
     * a transaction that is over.
     */
    public Function<TransactionPartition, ErrorCode> verify(String transactionalId, ProducerIdAndEpoch producer) {
        TransactionEntry entry = entries.get(transactionalId);
        if (entry == null) {
            return partition -> ErrorCode.INVALID_PRODUCER_ID_MAPPING;
        }
        Transaction current = entry.current().orElse(null);
        if (current == null) {
            return partition -> ErrorCode.CONCURRENT_TRANSACTIONS;
        }
        ErrorCode refusal = check(current, producer);
        if (refusal.isError()) {
            return partition -> refusal;
        }
        boolean isOngoing = current.state() == TransactionState.ONGOING;
        return partition -> isOngoing && current.partitions().contains(partition)
                ? ErrorCode.NONE
                : ErrorCode.TRANSACTION_ABORTABLE;
    }

    /**
     * A producer commits or aborts. Answered once that is decided for good; the markers follow.
     *
     * @param clientVersion {@link Transaction#V2} from version 5 of the request on
     */
    public Outcome<TransactionRecord, EndTxnResponse> end(EndTxnRequest request, short clientVersion, long nowMs) {
        String id = request.transactionalId();
        if (id.isEmpty()) {
            return Outcome.answer((EndTxnResponse) request.errorResponse(ErrorCode.INVALID_REQUEST));
        }
        var producer = new ProducerIdAndEpoch(request.producerId(), request.producerEpoch());
        var end = new TransactionEnd(producer, request.committed(), clientVersion, ids, nowMs);
        TransactionEntry entry = entries.get(id);
        TransactionDecision decision = entry == null
                ? TransactionDecision.refuse(ErrorCode.INVALID_PRODUCER_ID_MAPPING)
                : decide(entry, end::of, ErrorCode.CONCURRENT_TRANSACTIONS);
        if (decision.error().isError() || entry == null) {
            return Outcome.answer((EndTxnResponse) request.errorResponse(decision.error()));
        }
        ProducerIdAndEpoch next = decision.next()
                .or(entry::current)
                .map(Transaction::nextProducer)
                .orElse(producer);
        return new Outcome<>(
                records(id, decision), new EndTxnResponse(0, ErrorCode.NONE, next.producerId(), next.epoch()));
    }

    // ---- of its own accord

    /**
     * Does what is due: aborts, completes, forgets, and puts markers out for {@link #takeMarkers}, as far as the records fit into a batch: where {@link #nextDeadlineMs} is
     * not later then, there is more. The answer says nothing.
     */
    public Outcome<TransactionRecord, Boolean> expire(long nowMs) {
        var records = new ArrayList<TransactionRecord>();
        while (records.size() < EXPIRED_MAX) {
            Optional<String> due = wakeups.takeDue(nowMs);
            if (due.isEmpty()) {
                break;
            }
            String id = due.get();
            TransactionEntry entry = entries.get(id);
            if (entry != null) {
                expire(id, entry, nowMs).ifPresent(records::add);
                plan(id, entry);
            }
        }
        return new Outcome<>(records, !records.isEmpty());
    }

    private Optional<TransactionRecord> expire(String id, TransactionEntry entry, long nowMs) {
        Transaction current = entry.current().orElse(null);
        if (current == null || entry.isChanging()) {
            return Optional.empty();
        }
        if (entry.areMarkersWritten()) {
            return change(id, entry, current.completed(nowMs));
        }
        if (current.timeoutAtMs() <= nowMs) {
            return change(id, entry, current.fenced(true, nowMs));
        }
        if (entry.expiresAtMs(configuration.transactionalIdExpirationMs()) <= nowMs) {
            entry.onChanging(null);
            return Optional.of(new TransactionRecord(id, null));
        }
        entry.takeMarkers(nowMs).ifPresent(markersDue::add);
        return Optional.empty();
    }

    private static Optional<TransactionRecord> change(String id, TransactionEntry entry, Transaction next) {
        entry.onChanging(next);
        return Optional.of(new TransactionRecord(id, next));
    }

    /** Markers to be sent to the leaders of their partitions, each once; what becomes of them must be told. */
    public List<MarkersDue> takeMarkers() {
        List<MarkersDue> taken = List.copyOf(markersDue);
        markersDue.clear();
        return taken;
    }

    /** Partitions have the marker, or will never need it because they are gone. */
    public void onMarkersWritten(MarkersDue markers, Collection<TransactionPartition> written) {
        TransactionEntry entry = entries.get(markers.transactionalId());
        if (entry != null && entry.isEnding(markers.producer())) {
            entry.onMarkersWritten(written);
            plan(markers.transactionalId(), entry);
        }
    }

    /** Partitions did not take the marker: it is sent again after a while. Where there are none, nothing waits. */
    public void onMarkersFailed(MarkersDue markers, Collection<TransactionPartition> failed, long nowMs) {
        TransactionEntry entry = entries.get(markers.transactionalId());
        if (entry != null && entry.isEnding(markers.producer())) {
            entry.onMarkersFailed(failed, nowMs + RETRY_MS);
            plan(markers.transactionalId(), entry);
        }
    }

    /** When {@link #expire} is due; {@link Long#MAX_VALUE} for never. */
    public long nextDeadlineMs() {
        return wakeups.nextMs();
    }

    private void plan(String id, TransactionEntry entry) {
        wakeups.plan(id, entry.nextDeadlineMs(configuration.transactionalIdExpirationMs()));
    }

    // ---- the log

    /** Takes over a record that an earlier coordinator has appended. */
    public void replay(TransactionRecord logged) {
        Transaction transaction = logged.transaction();
        if (transaction == null || transaction.state() == TransactionState.DEAD) {
            entries.remove(logged.transactionalId());
        } else {
            entries.computeIfAbsent(logged.transactionalId(), TransactionEntry::new)
                    .onCommitted(transaction, 0);
        }
    }

    /** All records have been replayed: what was decided and not completed goes on. */
    public void onLoaded() {
        entries.forEach(this::plan);
    }

    /** Takes effect of a record that this coordinator has appended and that is committed now. */
    public void commit(TransactionRecord committed, long nowMs) {
        String id = committed.transactionalId();
        Transaction transaction = committed.transaction();
        if (transaction == null) {
            entries.remove(id);
            wakeups.plan(id, Long.MAX_VALUE);
            return;
        }
        TransactionEntry entry = entries.computeIfAbsent(id, TransactionEntry::new);
        entry.onCommitted(transaction, nowMs);
        plan(id, entry);
    }

    /** The records of an outcome will not be committed: everything is as it was before. */
    public void onAppendFailed(List<TransactionRecord> records, long nowMs) {
        for (TransactionRecord failed : records) {
            String id = failed.transactionalId();
            TransactionEntry entry = entries.get(id);
            if (entry != null && entry.current().isEmpty()) {
                entries.remove(id);
                wakeups.plan(id, Long.MAX_VALUE);
            } else if (entry != null) {
                entry.onNotWritten(nowMs + RETRY_MS);
                plan(id, entry);
            }
        }
    }

    // ---- administration

    /** What is committed of a transactional id. */
    public Optional<Transaction> describe(String transactionalId) {
        return Optional.ofNullable(entries.get(transactionalId)).flatMap(TransactionEntry::current);
    }

    /** All that are known, by their ids. */
    public Map<String, Transaction> list() {
        Map<String, Transaction> listed = new TreeMap<>();
        entries.forEach((id, entry) -> entry.current().ifPresent(current -> listed.put(id, current)));
        return listed;
    }
}
