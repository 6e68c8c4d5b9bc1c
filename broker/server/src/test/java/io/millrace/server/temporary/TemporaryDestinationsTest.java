package io.millrace.server.temporary;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.FetchTemporaryRequest.Consumed;
import io.millrace.protocol.message.FetchTemporaryResponse.Sent;
import io.millrace.protocol.wire.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class TemporaryDestinationsTest {
    private static final long OWNER = 1;
    private static final long OTHER = 2;
    private static final long NOW_MS = 1_000_000;
    private static final long SILENCE_MAX_MS = 90_000;

    private final TemporaryDestinations destinations = new TemporaryDestinations(
            3, 0x9f2c4b7a1e5d8036L, new TemporaryLimits(30, 20, 4, 100, 250, 300, SILENCE_MAX_MS));

    private String create(long owner) {
        return destinations.create(owner, false, NOW_MS).name();
    }

    private ErrorCode send(String name, int bytes) {
        return destinations.send(name, Bytes.copyOf(new byte[bytes]), NOW_MS).errorCode();
    }

    private List<Sent> fetch(long owner, Consumed... consumed) {
        CompletableFuture<List<Sent>> fetched =
                destinations.fetch(owner, List.of(consumed), 1_000, NOW_MS).orElseThrow();
        destinations.endWait(owner);
        return fetched.join();
    }

    @Test
    void aNameTellsItsBrokerAndItsStart() {
        assertThat(create(OWNER)).isEqualTo("temporary-queue:3:9f2c4b7a1e5d8036:1");
        assertThat(destinations.create(OWNER, true, NOW_MS).name()).isEqualTo("temporary-topic:3:9f2c4b7a1e5d8036:2");
    }

    @Test
    void theOwnerFetchesWhatOthersHaveSentInItsOrder() {
        String one = create(OWNER);
        String two = create(OWNER);

        assertThat(send(one, 10)).isEqualTo(ErrorCode.NONE);
        assertThat(send(two, 20)).isEqualTo(ErrorCode.NONE);
        assertThat(send(one, 30)).isEqualTo(ErrorCode.NONE);

        assertThat(fetch(OWNER)).extracting(Sent::destination).containsExactly(one, two, one);
        assertThat(fetch(OWNER)).isEmpty();
        assertThat(destinations.heldBytes()).isZero();
    }

    @Test
    void aFetchWaitsUntilSomethingIsSent() {
        String name = create(OWNER);
        CompletableFuture<List<Sent>> fetched =
                destinations.fetch(OWNER, List.of(), 1_000, NOW_MS).orElseThrow();

        assertThat(fetched).isNotDone();
        send(name, 10);

        assertThat(fetched).isCompletedWithValueMatching(sent -> sent.size() == 1);
    }

    @Test
    void aFetchWhoseTimeIsUpDoesNotEndTheNextOne() {
        create(OWNER);
        CompletableFuture<List<Sent>> first =
                destinations.fetch(OWNER, List.of(), 1_000, NOW_MS).orElseThrow();
        destinations.endWait(OWNER);
        CompletableFuture<List<Sent>> second =
                destinations.fetch(OWNER, List.of(), 1_000, NOW_MS).orElseThrow();

        destinations.endWait(OWNER, first);

        assertThat(second).isNotDone();
        destinations.endWait(OWNER, second);
        assertThat(second).isCompleted();
    }

    @Test
    void whatIsNotConsumedBoundsADestination() {
        String name = create(OWNER);
        for (int i = 0; i < 4; i++) {
            assertThat(send(name, 10)).isEqualTo(ErrorCode.NONE);
        }
        assertThat(fetch(OWNER)).hasSize(4);

        assertThat(send(name, 10)).isEqualTo(ErrorCode.THROTTLING_QUOTA_EXCEEDED);
        fetch(OWNER, new Consumed(name, 1, 10));
        assertThat(send(name, 10)).isEqualTo(ErrorCode.NONE);
        assertThat(send(name, 10)).isEqualTo(ErrorCode.THROTTLING_QUOTA_EXCEEDED);
    }

    @Test
    void oneDestinationThatIsFullHoldsUpNoOther() {
        String full = create(OWNER);
        String other = create(OWNER);
        send(full, 100);

        assertThat(send(full, 1)).isEqualTo(ErrorCode.THROTTLING_QUOTA_EXCEEDED);

        assertThat(send(other, 100)).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void anOwnerAndTheBrokerHaveBoundsOfTheirOwn() {
        List<String> ofOne = List.of(create(OWNER), create(OWNER), create(OWNER));
        List<String> ofOther = List.of(create(OTHER), create(OTHER));
        send(ofOne.get(0), 100);
        send(ofOne.get(1), 100);

        assertThat(send(ofOne.get(2), 60)).isEqualTo(ErrorCode.THROTTLING_QUOTA_EXCEEDED);

        send(ofOther.get(0), 100);
        assertThat(send(ofOther.get(1), 1)).isEqualTo(ErrorCode.THROTTLING_QUOTA_EXCEEDED);
        fetch(OWNER);
        assertThat(send(ofOther.get(1), 1)).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void aRecordThatNeverHasRoomIsRefusedAsTooLarge() {
        assertThat(send(create(OWNER), 101)).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
    }

    @Test
    void anOwnerThatLiesAboutWhatItHasConsumedMakesNoRoom() {
        String name = create(OWNER);
        send(name, 50);
        fetch(OWNER, new Consumed(name, -5, -500), new Consumed(name, 1_000, 1_000), new Consumed("unknown", 1, 1));

        for (int i = 0; i < 4; i++) {
            assertThat(send(name, 10)).isEqualTo(ErrorCode.NONE);
        }
        assertThat(send(name, 10)).isEqualTo(ErrorCode.THROTTLING_QUOTA_EXCEEDED);
    }

    @Test
    void onlyItsOwnerDeletesADestination() {
        String name = create(OWNER);
        create(OTHER);

        assertThat(destinations.delete(OTHER, name)).isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(destinations.delete(99, name)).isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(destinations.delete(OWNER, name)).isEqualTo(ErrorCode.NONE);
        assertThat(send(name, 1)).isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(destinations.delete(OWNER, name)).isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    }

    @Test
    void whatWasSentToADeletedDestinationIsGoneAndItsRoomFree() {
        String deleted = create(OWNER);
        String kept = create(OWNER);
        send(deleted, 100);
        send(kept, 50);

        destinations.delete(OWNER, deleted);

        assertThat(destinations.heldBytes()).isEqualTo(50);
        assertThat(fetch(OWNER)).extracting(Sent::destination).containsExactly(kept);
        assertThat(send(create(OWNER), 100)).isEqualTo(ErrorCode.NONE);
        assertThat(send(create(OWNER), 100)).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void theEndOfItsConnectionEndsADestinationAndTheFetch() {
        String name = create(OWNER);
        String other = create(OTHER);
        send(name, 10);
        fetch(OWNER);
        CompletableFuture<List<Sent>> waiting =
                destinations.fetch(OWNER, List.of(), 1_000, NOW_MS).orElseThrow();

        destinations.onClosed(OWNER);

        assertThat(waiting).isCompleted();
        assertThat(send(name, 1)).isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(send(other, 1)).isEqualTo(ErrorCode.NONE);
        assertThat(destinations.fetch(OWNER, List.of(), 1_000, NOW_MS)).isEmpty();
        assertThat(destinations.ownerCount()).isEqualTo(1);
    }

    @Test
    void anOwnerThatIsSilentForTooLongIsTakenForDead() {
        String name = create(OWNER);
        Bytes record = Bytes.copyOf(new byte[1]);

        assertThat(destinations.send(name, record, NOW_MS + SILENCE_MAX_MS).errorCode())
                .isEqualTo(ErrorCode.NONE);
        assertThat(destinations.send(name, record, NOW_MS + SILENCE_MAX_MS + 1).errorCode())
                .isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);

        assertThat(destinations.fetch(OWNER, List.of(), 1_000, NOW_MS)).isEmpty();
        assertThat(destinations.heldBytes()).isZero();
        assertThat(destinations.count()).isZero();
    }

    @Test
    void theNumberOfDestinationsIsBounded() {
        for (int i = 0; i < 20; i++) {
            assertThat(destinations.create(OWNER, false, NOW_MS).errorCode()).isEqualTo(ErrorCode.NONE);
        }
        assertThat(destinations.create(OWNER, false, NOW_MS).errorCode()).isEqualTo(ErrorCode.POLICY_VIOLATION);
        for (int i = 0; i < 10; i++) {
            assertThat(destinations.create(OTHER, false, NOW_MS).errorCode()).isEqualTo(ErrorCode.NONE);
        }

        var refused = destinations.create(OTHER, false, NOW_MS);

        assertThat(refused.errorCode()).isEqualTo(ErrorCode.POLICY_VIOLATION);
        assertThat(refused.errorMessage()).contains("30");
    }

    @Test
    void nothingIsLeftOfManyThatWereDeletedOrWhoseOwnersHaveGone() {
        var many = new TemporaryDestinations(3, 1, TemporaryLimits.defaults());
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            names.add(many.create(OWNER, i % 2 == 0, NOW_MS).name());
            many.create(OTHER, false, NOW_MS);
        }
        names.forEach(name -> many.send(name, Bytes.copyOf(new byte[100]), NOW_MS));

        names.forEach(name -> many.delete(OWNER, name));
        many.onClosed(OTHER);

        assertThat(many.count()).isZero();
        assertThat(many.heldBytes()).isZero();
        assertThat(many.ownerCount()).isEqualTo(1);
        many.onClosed(OWNER);
        assertThat(many.ownerCount()).isZero();
    }
}
