package io.millrace.server.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ParkedRequestsTest {
    private final ParkedRequests parked = new ParkedRequests();
    private final List<String> events = new ArrayList<>();

    private ParkedRequests.Parked request(String name) {
        return new ParkedRequests.Parked() {
            @Override
            public void decide() {
                events.add(name + " decided");
            }

            @Override
            public void giveUp() {
                events.add(name + " given up");
            }
        };
    }

    @Test
    void whatWaitsForAnIdIsDecidedInItsOrder() {
        parked.park("a", request("first"));
        parked.park("b", request("other"));
        parked.park("a", request("second"));

        parked.release("a");
        parked.release("a");

        assertThat(events).containsExactly("first decided", "second decided");
    }

    @Test
    void whatHasWaitedForTooLongIsGivenUpOnce() {
        var request = request("first");
        parked.park("a", request);

        parked.expire("a", request);
        parked.expire("a", request);
        parked.release("a");

        assertThat(events).containsExactly("first given up");
    }

    @Test
    void whatIsParkedAgainWhileItIsDecidedWaitsForTheNextChange() {
        parked.park("a", new ParkedRequests.Parked() {
            @Override
            public void decide() {
                parked.park("a", request("again"));
            }

            @Override
            public void giveUp() {
                events.add("given up");
            }
        });

        parked.release("a");
        assertThat(events).isEmpty();

        parked.release("a");
        assertThat(events).containsExactly("again decided");
    }

    @Test
    void thereIsABound() {
        for (int i = 0; i < ParkedRequests.PARKED_MAX; i++) {
            assertThat(parked.park("a" + i % 10, request("r"))).isTrue();
        }

        assertThat(parked.park("a", request("one too many"))).isFalse();
        parked.release("a1");
        assertThat(parked.park("a", request("fits again"))).isTrue();
    }

    @Test
    void atTheEndAllAreGivenUp() {
        parked.park("a", request("first"));
        parked.park("b", request("second"));

        parked.clear();

        assertThat(events).containsExactlyInAnyOrder("first given up", "second given up");
    }
}
