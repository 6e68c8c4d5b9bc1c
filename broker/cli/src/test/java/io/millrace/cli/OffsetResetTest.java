package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.TopicPartition;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OffsetResetTest {
    private static final TopicPartition PARTITION = new TopicPartition("orders", 0);
    private static final long END = 100;

    private static OffsetReset to(long wanted) {
        return OffsetReset.to(PARTITION, 50L, wanted, Map.of(PARTITION, 20L), END);
    }

    @Test
    void anOffsetThatThereIsIsTaken() {
        assertThat(to(30).after()).isEqualTo(30);
        assertThat(to(30).wasLimited()).isFalse();
        assertThat(to(30).changesSomething()).isTrue();
        assertThat(to(50).changesSomething()).isFalse();
    }

    @Test
    void anOffsetOutsideOfTheLogBecomesItsNearerEnd() {
        assertThat(to(3).after()).isEqualTo(20);
        assertThat(to(-5).after()).isEqualTo(20);
        assertThat(to(101).after()).isEqualTo(END);
        assertThat(to(101).wasLimited()).isTrue();
    }
}
