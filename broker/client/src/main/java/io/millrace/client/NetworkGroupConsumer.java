package io.millrace.client;

import static java.lang.System.Logger.Level.WARNING;

import io.millrace.protocol.ErrorCode;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A consumer by assignment whose assignment a group decides.
 *
 * <p>Owned by one thread at a time, as its interface says; heartbeats run on the loop. Invariant: what was processed of a partition is committed, or was tried to be, before
 * the coordinator learns that this member has given the partition up.
 */
final class NetworkGroupConsumer implements GroupConsumer {
    private static final System.Logger LOGGER = System.getLogger(NetworkGroupConsumer.class.getName());

    private static final Duration COMMIT_INTERVAL = Duration.ofSeconds(5);
    private static final Duration CLOSE_MAX = Duration.ofSeconds(5);

    private final ClientContext context;
    private final Subscription subscription;
    private final TopicConsumer consumer;
    private final GroupOffsets offsets;
    private final OffsetLookup lookup;
    private final GroupHeartbeats heartbeats;
    private final GroupCommits commits;
    private final Consumer<GroupConsumer> onClosed;
    private final Map<UUID, String> names = new HashMap<>();
    private Map<UUID, Set<Integer>> owned = Map.of();
    private int lossesSeen;
    private long committedAtNanos = System.nanoTime();
    private volatile boolean closed;

    NetworkGroupConsumer(
            EventLoop loop,
            ClientContext context,
            AdminCalls calls,
            OffsetLookup lookup,
            Subscription subscription,
            Consumer<GroupConsumer> onClosed) {
        this.context = context;
        this.subscription = subscription;
        this.lookup = lookup;
        this.onClosed = onClosed;
        this.consumer = new NetworkTopicConsumer(context, subscription.fetching(), lookup, ignored -> {});
        this.offsets = new GroupOffsets(calls);
        var membership = new GroupMembership(
                subscription.groupId(), UUID.randomUUID().toString(), List.copyOf(subscription.topics()));
        this.heartbeats = new GroupHeartbeats(loop, calls, subscription.groupId(), membership, consumer::wakeup);
        this.commits = new GroupCommits(subscription.groupId(), offsets, heartbeats);
        heartbeats.beat();
    }

    @Override
    public List<ConsumerRecord> poll(Duration timeout) {
        refuseIfClosed();
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        try {
            while (true) {
                reconcileOrTryAgain();
                commitIfDue();
                List<ConsumerRecord> records =
                        consumer.poll(Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime())));
                boolean hasNews = hasNews();
                if (!records.isEmpty() || !hasNews || deadlineNanos - System.nanoTime() <= 0) {
                    return records;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    private void refuseIfClosed() {
        if (closed) {
            throw new ClientException(ErrorCode.INVALID_REQUEST, "The consumer is closed");
        }
    }

    private boolean hasNews() {
        return heartbeats.membership(member -> member.refusal() != null
                || member.losses() != lossesSeen
                || !member.target().equals(owned));
    }

    /** What only fails for now is tried again with the next poll. */
    private void reconcileOrTryAgain() throws InterruptedException {
        try {
            reconcile();
        } catch (ClientException e) {
            boolean isForGood = !e.errorCode().isRetriable() || heartbeats.membership(GroupMembership::refusal) != null;
            if (isForGood) {
                throw e;
            }
            LOGGER.log(
                    WARNING, () -> "Group " + subscription.groupId() + " does not get on for now: " + e.getMessage());
        }
    }

    /** Follows what the group has decided: gives up, and takes over. */
    private void reconcile() throws InterruptedException {
        ClientException refusal = heartbeats.membership(GroupMembership::refusal);
        if (refusal != null) {
            throw new ClientException(refusal.errorCode(), String.valueOf(refusal.getMessage()), refusal);
        }
        int losses = heartbeats.membership(GroupMembership::losses);
        if (losses != lossesSeen) {
            lossesSeen = losses;
            owned = Map.of();
            commits.forgetAll();
            consumer.assign(Set.of());
        }
        Map<UUID, Set<Integer>> target = named(heartbeats.membership(GroupMembership::target));
        if (!target.equals(owned)) {
            giveUp(target);
            Map<UUID, Set<Integer>> kept = kept(target);
            if (!kept.equals(owned)) {
                owned = kept;
                heartbeats.own(kept, losses); // who waits for what was given up need not wait for what is taken over
            }
            takeOver(target);
            owned = target;
            heartbeats.own(target, losses);
        }
    }

    /** What this member has and keeps. */
    private Map<UUID, Set<Integer>> kept(Map<UUID, Set<Integer>> target) {
        var kept = new TreeMap<UUID, Set<Integer>>();
        owned.forEach((topicId, numbers) -> {
            var both = new TreeSet<>(numbers);
            both.retainAll(target.getOrDefault(topicId, Set.of()));
            if (!both.isEmpty()) {
                kept.put(topicId, both);
            }
        });
        return kept;
    }

    /** Without topics whose names are not known yet; they are looked for again with the next poll. */
    private Map<UUID, Set<Integer>> named(Map<UUID, Set<Integer>> target) throws InterruptedException {
        if (!names.keySet().containsAll(target.keySet())) {
            for (String topic : subscription.topics()) {
                await(context.metadata().refresh(topic)).ifPresent(found -> names.put(found.topicId(), found.name()));
            }
        }
        var known = new TreeMap<>(target);
        known.keySet().retainAll(names.keySet());
        return known;
    }

    private Set<TopicPartition> partitions(Map<UUID, Set<Integer>> ids) {
        var partitions = new HashSet<TopicPartition>();
        ids.forEach((topicId, numbers) ->
                numbers.forEach(number -> partitions.add(new TopicPartition(names.getOrDefault(topicId, ""), number))));
        return partitions;
    }

    private void giveUp(Map<UUID, Set<Integer>> target) throws InterruptedException {
        Set<TopicPartition> kept = partitions(target);
        kept.retainAll(consumer.assignment());
        if (kept.size() < consumer.assignment().size()) {
            var lost = new HashSet<>(consumer.assignment());
            lost.removeAll(kept);
            commitNow();
            consumer.assign(kept);
            commits.forget(lost);
        }
    }

    private void takeOver(Map<UUID, Set<Integer>> target) throws InterruptedException {
        Set<TopicPartition> added = partitions(target);
        added.removeAll(consumer.assignment());
        if (added.isEmpty()) {
            return;
        }
        Map<TopicPartition, Long> start = startOf(added);
        consumer.assign(partitions(target));
        start.forEach(consumer::seek);
    }

    /** Where the group has committed, or else where the subscription says. */
    private Map<TopicPartition, Long> startOf(Set<TopicPartition> added) throws InterruptedException {
        var start = new HashMap<TopicPartition, Long>();
        await(offsets.fetchStable(subscription.groupId(), added))
                .forEach((partition, committed) -> start.put(partition, committed.offset()));
        var rest = new HashSet<>(added);
        rest.removeAll(start.keySet());
        find(rest, subscription.startMs()).forEach(start::put);
        rest.removeAll(start.keySet());
        find(rest, Subscription.END).forEach(start::put); // there is no record at or behind that time
        return start;
    }

    private Map<TopicPartition, Long> find(Collection<TopicPartition> partitions, long startMs)
            throws InterruptedException {
        if (partitions.isEmpty()) {
            return Map.of();
        }
        var wanted = new HashMap<TopicPartition, Long>();
        partitions.forEach(partition -> wanted.put(partition, startMs));
        Duration bound = context.configuration().requestTimeout();
        return await(lookup.find(wanted, subscription.fetching().isolation(), bound));
    }

    private <T> T await(CompletableFuture<T> future) throws InterruptedException {
        Duration bound = context.configuration().requestTimeout();
        try {
            return future.get(2 * bound.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw Failures.toClientException(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            throw new ClientException(
                    ErrorCode.REQUEST_TIMED_OUT,
                    "Group \"" + subscription.groupId() + "\" did not answer within " + 2 * bound.toMillis() + " ms",
                    e);
        }
    }

    private void commitIfDue() {
        if (System.nanoTime() - committedAtNanos >= COMMIT_INTERVAL.toNanos() && !commits.isUnderWay()) {
            committedAtNanos = System.nanoTime();
            commits.commit().whenComplete((done, failure) -> warn(failure));
        }
    }

    private void commitNow() throws InterruptedException {
        try {
            await(commits.commit());
        } catch (ClientException e) {
            warn(e);
        }
    }

    private void warn(@Nullable Throwable failure) {
        if (failure != null) {
            LOGGER.log(
                    WARNING,
                    () -> "Group " + subscription.groupId() + " will read some records again, for a commit failed: "
                            + Failures.messageOf(failure));
        }
    }

    @Override
    public void processed(ConsumerRecord record) {
        refuseIfClosed();
        if (consumer.assignment().contains(record.partition())) {
            commits.processed(record.partition(), record.offset() + 1);
        }
    }

    @Override
    public CompletableFuture<Void> commit() {
        refuseIfClosed();
        committedAtNanos = System.nanoTime();
        return commits.commit();
    }

    @Override
    public Set<TopicPartition> assignment() {
        return consumer.assignment();
    }

    @Override
    public void wakeup() {
        consumer.wakeup();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        onClosed.accept(this);
        var farewell = commits.commit()
                .handle((done, failure) -> {
                    warn(failure);
                    return failure == null;
                })
                .thenCompose(wasCommitted -> heartbeats.leave());
        try {
            farewell.get(CLOSE_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException ignored) {
            LOGGER.log(
                    WARNING,
                    () -> "Group " + subscription.groupId() + " was not told in time that its member has left; it will"
                            + " find out by itself");
        } finally {
            heartbeats.leave();
            consumer.close();
        }
    }
}
