package io.millrace.replication;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class CommitQueueTest {
    private static final long DEADLINE_MS = 1_000;

    private final CommitQueue queue = new CommitQueue();
    private final List<String> woken = new ArrayList<>();

    @Test
    void anAppendIsAnsweredWhenItsLastRecordIsCommitted() {
        var answer = await(0, 9);

        queue.onReached(9);
        boolean isEarly = answer.isDone();
        queue.onReached(10);

        assertThat(isEarly).isFalse();
        assertThat(answer).isCompletedWithValue(appended(0, 9));
    }

    @Test
    void appendsAreAnsweredInTheOrderOfTheirOffsets() {
        await(0, 9).thenRun(() -> woken.add("first"));
        await(10, 19).thenRun(() -> woken.add("second"));
        await(20, 29).thenRun(() -> woken.add("third"));

        queue.onReached(20);

        assertThat(woken).containsExactly("first", "second");
    }

    @Test
    void aBatchSentAgainIsNotHeldUpByLaterOnes() {
        await(0, 9);
        var later = await(10, 19);
        await(20, 29);

        var again = await(0, 9);
        queue.onReached(10);

        assertThat(again).isCompletedWithValue(appended(0, 9));
        assertThat(later).isNotDone();
    }

    @Test
    void laterAppendsKeepTheirOrderBehindABatchSentAgain() {
        await(0, 9);
        await(10, 19).thenRun(() -> woken.add("10 to 19"));
        await(20, 29).thenRun(() -> woken.add("20 to 29"));

        await(0, 9).thenRun(() -> woken.add("0 to 9"));
        queue.onReached(30);

        assertThat(woken).containsExactly("0 to 9", "10 to 19", "20 to 29");
    }

    @Test
    void anAppendThatWaitsForTooLongFailsWithItsOffsets() {
        var answer = await(10, 19);

        queue.expire(DEADLINE_MS - 1, ErrorCode.REQUEST_TIMED_OUT, "too slow");
        boolean isEarly = answer.isDone();
        queue.expire(DEADLINE_MS, ErrorCode.REQUEST_TIMED_OUT, "too slow");

        assertThat(isEarly).isFalse();
        assertThat(answer)
                .isCompletedWithValue(new AppendResult(ErrorCode.REQUEST_TIMED_OUT, 10, 19, -1, 0, "too slow"));
    }

    @Test
    void anAppendExpiresWhateverItsPlaceInTheQueue() {
        var patient = new CompletableFuture<AppendResult>();
        queue.await(appended(0, 9), 2 * DEADLINE_MS, patient);
        var hasty = await(10, 19);

        queue.expire(DEADLINE_MS, ErrorCode.REQUEST_TIMED_OUT, "too slow");
        queue.onReached(20);

        assertThat(hasty.join().errorCode()).isEqualTo(ErrorCode.REQUEST_TIMED_OUT);
        assertThat(patient).isCompletedWithValue(appended(0, 9));
    }

    @Test
    void whoeverExpiresMayAppendAnewAtOnce() {
        var anew = new ArrayList<CompletableFuture<AppendResult>>();
        for (int i = 0; i < 3; i++) {
            await(i, i).thenRun(() -> anew.add(await(10 + anew.size(), 10 + anew.size())));
        }

        queue.expire(DEADLINE_MS, ErrorCode.REQUEST_TIMED_OUT, "too slow");
        queue.onReached(13);

        assertThat(anew)
                .hasSize(3)
                .allSatisfy(answer -> assertThat(answer.join().isAppended()).isTrue());
    }

    @Test
    void aReaderIsWokenOnceWhenItsOffsetIsCommitted() {
        queue.awaitBeyond(5, () -> woken.add("reader"));

        queue.onReached(5);
        var before = List.copyOf(woken);
        queue.onReached(6);
        queue.onReached(7);

        assertThat(before).isEmpty();
        assertThat(woken).containsExactly("reader");
    }

    @Test
    void aReaderMayWaitAgainFromItsCallback() {
        queue.awaitBeyond(5, () -> queue.awaitBeyond(6, () -> woken.add("again")));

        queue.onReached(6);
        queue.onReached(7);

        assertThat(woken).containsExactly("again");
    }

    @Test
    void aReaderThatWentAwayIsNotCalled() {
        var reader = queue.awaitBeyond(5, () -> woken.add("reader"));

        reader.cancel();
        queue.onReached(6);

        assertThat(woken).isEmpty();
    }

    @Test
    void readersThatGoAwayAreNotKeptWhileNothingIsCommitted() {
        queue.awaitBeyond(5, () -> woken.add("patient"));

        for (int poll = 0; poll < CommitQueue.READERS_MAX / 2; poll++) {
            queue.awaitBeyond(5, () -> woken.add("impatient")).cancel();
        }

        assertThat(queue.readerCount()).isLessThan(100);
        queue.onReached(6);
        assertThat(woken).containsExactly("patient");
    }

    @Test
    void theLongestWaitingReaderIsWokenWhenThereAreTooMany() {
        for (int i = 0; i <= CommitQueue.READERS_MAX; i++) {
            int number = i;
            queue.awaitBeyond(5, () -> woken.add("reader " + number));
        }

        assertThat(woken).containsExactly("reader 0");
        assertThat(queue.readerCount()).isEqualTo(CommitQueue.READERS_MAX);
    }

    @Test
    void everybodyHearsWhenNothingWillBeCommittedHereAnyMore() {
        var answer = await(0, 9);
        queue.awaitBeyond(5, () -> woken.add("reader"));

        queue.fail(ErrorCode.NOT_LEADER_OR_FOLLOWER, "broker 2 leads");

        assertThat(answer)
                .isCompletedWithValue(
                        new AppendResult(ErrorCode.NOT_LEADER_OR_FOLLOWER, 0, 9, -1, 0, "broker 2 leads"));
        assertThat(woken).containsExactly("reader");
    }

    private CompletableFuture<AppendResult> await(long baseOffset, long lastOffset) {
        var answer = new CompletableFuture<AppendResult>();
        queue.await(appended(baseOffset, lastOffset), DEADLINE_MS, answer);
        return answer;
    }

    private static AppendResult appended(long baseOffset, long lastOffset) {
        return new AppendResult(ErrorCode.NONE, baseOffset, lastOffset, -1, 0, "");
    }
}
