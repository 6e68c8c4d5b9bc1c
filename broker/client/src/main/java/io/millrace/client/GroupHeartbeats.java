package io.millrace.client;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.WARNING;

import io.millrace.client.AdminCalls.Question;
import io.millrace.client.AdminCalls.Target;
import io.millrace.protocol.message.ConsumerGroupHeartbeatRequest;
import io.millrace.protocol.message.ConsumerGroupHeartbeatResponse;
import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a member in its group: one heartbeat at a time, at the pace that the coordinator sets, and at once where there is something to tell.
 *
 * <p>Safe for use by any thread; the membership is guarded by itself. Heartbeats go on, whatever fails, until {@link #leave}.
 */
final class GroupHeartbeats {
    private static final System.Logger LOGGER = System.getLogger(GroupHeartbeats.class.getName());

    private final EventLoop loop;
    private final AdminCalls calls;
    private final String groupId;
    private final GroupMembership membership;
    private final Runnable onNews;
    private CompletableFuture<Void> next = new CompletableFuture<>(); // of the next heartbeat to be sent; on the loop
    private CompletableFuture<Void> current =
            CompletableFuture.completedFuture(null); // of the last one sent; on the loop
    private boolean underWay; // on the loop
    private boolean again; // on the loop
    private long beats; // on the loop
    private boolean left; // on the loop

    /** @param onNews called on the loop when the membership has something to do; must not block */
    GroupHeartbeats(EventLoop loop, AdminCalls calls, String groupId, GroupMembership membership, Runnable onNews) {
        this.loop = loop;
        this.calls = calls;
        this.groupId = groupId;
        this.membership = membership;
        this.onNews = onNews;
    }

    /** What the membership says, read while nobody changes it. */
    <T> T membership(Function<GroupMembership, T> question) {
        synchronized (membership) {
            return question.apply(membership);
        }
    }

    /** The member has other partitions than before: the coordinator learns it at once. */
    void own(Map<UUID, Set<Integer>> partitions, int lossesThen) {
        synchronized (membership) {
            membership.own(partitions, lossesThen);
        }
        beat();
    }

    /** Sends a heartbeat now; completes when one that was sent from now on has been answered, or has failed. */
    CompletableFuture<Void> beat() {
        var answered = new CompletableFuture<Void>();
        boolean accepted = Loops.run(loop, () -> {
            next.whenComplete((done, failure) -> answered.complete(null));
            if (underWay) {
                again = true;
            } else {
                send();
            }
        });
        if (!accepted) {
            answered.complete(null);
        }
        return answered;
    }

    private void send() {
        if (left) {
            next.complete(null);
            return;
        }
        underWay = true;
        again = false;
        long beat = ++beats;
        CompletableFuture<Void> answered = next;
        current = answered;
        next = new CompletableFuture<>();
        calls.ask(question(membership(GroupMembership::heartbeat)))
                .whenComplete((response, failure) -> onAnswer(beat, answered, response, failure));
    }

    private Question<ConsumerGroupHeartbeatResponse> question(ConsumerGroupHeartbeatRequest request) {
        return Question.of(
                "keep this member of group \"" + groupId + "\"",
                Target.group(groupId),
                request,
                ConsumerGroupHeartbeatResponse::errorCode);
    }

    private void onAnswer(
            long beat,
            CompletableFuture<Void> answered,
            @Nullable ConsumerGroupHeartbeatResponse response,
            @Nullable Throwable failure) {
        underWay = false;
        boolean wasMember = membership(GroupMembership::isMember);
        boolean isNews = response != null
                ? membership(member -> member.onAnswer(response))
                : onFailure(Failures.toClientException(
                        failure == null ? new IllegalStateException("neither answer nor failure") : failure));
        if (isNews && !left) {
            onNews.run();
        }
        answered.complete(null);
        if (left) {
            next.complete(null); // there will be none
        } else {
            scheduleNext(beat, wasMember);
        }
    }

    private boolean onFailure(ClientException failure) {
        LOGGER.log(
                failure.errorCode().isRetriable() ? WARNING : DEBUG,
                () -> "A heartbeat to group " + groupId + " was not answered and is tried again: "
                        + failure.getMessage());
        return membership(member -> member.onFailure(failure));
    }

    private void scheduleNext(long beat, boolean wasMember) {
        if (membership(member -> member.refusal() != null)) {
            next.complete(null);
            return;
        }
        boolean hasToJoinAgain = wasMember && !membership(GroupMembership::isMember);
        if (again || hasToJoinAgain) {
            send();
        } else {
            loop.schedule(() -> sendUnlessSent(beat), membership(GroupMembership::intervalMs), TimeUnit.MILLISECONDS);
        }
    }

    private void sendUnlessSent(long beat) {
        if (beats == beat) {
            send();
        }
    }

    /**
     * Ends heartbeats and tells the coordinator; completes when it knows, or it cannot be told. A heartbeat that is under way is waited for: it
     * could come behind the farewell otherwise, or be the one that joins.
     */
    CompletableFuture<Void> leave() {
        var told = new CompletableFuture<Void>();
        boolean accepted = Loops.run(loop, () -> {
            boolean hasLeftBefore = left;
            left = true;
            current.thenCompose(done -> hasLeftBefore ? CompletableFuture.completedFuture(null) : sayFarewell())
                    .whenComplete((done, failure) -> told.complete(null));
        });
        if (!accepted) {
            told.complete(null);
        }
        return told;
    }

    private CompletableFuture<Void> sayFarewell() {
        return membership(GroupMembership::isMember)
                ? calls.ask(question(membership(GroupMembership::farewell))).handle((response, failure) -> null)
                : CompletableFuture.completedFuture(null);
    }
}
