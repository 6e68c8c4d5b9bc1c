package io.millrace.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ClusterMetadataTest {
    private static DestinationDescription described(long id, DestinationDescription.Partition... partitions) {
        return new DestinationDescription(
                "t", new UUID(0, id), DestinationKind.TOPIC, false, Map.of(), List.of(partitions));
    }

    private static DestinationDescription.Partition partition(int index, int leaderId, int leaderEpoch) {
        return new DestinationDescription.Partition(index, leaderId, leaderEpoch, List.of(), List.of());
    }

    @Test
    void aBrokerThatLagsBehindDoesNotBringBackALeaderOfThePast() {
        var known = described(1, partition(0, 2, 5), partition(1, 2, 5));
        var answered = described(1, partition(0, 1, 4), partition(1, 3, 6), partition(2, 1, 0));

        var merged = ClusterMetadata.withoutFallingEpochs(answered, known);

        assertThat(merged.partitions()).containsExactly(partition(0, 2, 5), partition(1, 3, 6), partition(2, 1, 0));
    }

    @Test
    void aDestinationThatWasCreatedAnewStartsAnew() {
        var known = described(1, partition(0, 2, 5));
        var answered = described(2, partition(0, 1, 0));

        assertThat(ClusterMetadata.withoutFallingEpochs(answered, known)).isEqualTo(answered);
    }
}
