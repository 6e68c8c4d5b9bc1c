package io.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QueueCreditTest {

    @Test
    void idleLeadersShareWhatIsFree() {
        var credit = new QueueCredit(100, 20, 20);

        assertThat(credit.share(2, 2)).isEqualTo(30);
        assertThat(credit.share(1, 2)).isEqualTo(60);
    }

    @Test
    void everyLeaderGetsOneWhileNothingWaits() {
        assertThat(new QueueCredit(3, 0, 0).share(10, 10)).isOne();
        assertThat(new QueueCredit(3, 0, 3).share(1, 10)).isOne();
    }

    @Test
    void tooLittleRoomIsNotWorthAFetch() {
        assertThat(new QueueCredit(100, 51, 0).share(1, 1)).isZero();
        assertThat(new QueueCredit(100, 50, 0).share(1, 1)).isEqualTo(50);
        assertThat(new QueueCredit(100, 60, 50).share(1, 1)).isZero();
    }

    @Test
    void askingIsWorthItFromHalfAnEmptyBufferOn() {
        assertThat(QueueCredit.isWorthAsking(100, 51)).isFalse();
        assertThat(QueueCredit.isWorthAsking(100, 50)).isTrue();
        assertThat(QueueCredit.isWorthAsking(1, 0)).isTrue();
    }
}
