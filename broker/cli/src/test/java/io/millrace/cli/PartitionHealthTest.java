package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.cli.PartitionHealth.Problem;
import io.millrace.client.DestinationDescription;
import io.millrace.client.DestinationDescription.Partition;
import io.millrace.client.DestinationKind;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class PartitionHealthTest {

    private static PartitionHealth health(int leaderId, List<Integer> inSync, String inSyncMin) {
        var partition = new Partition(0, leaderId, 7, List.of(1, 2, 3), inSync);
        var topic = new DestinationDescription(
                "orders", new UUID(1, 1), DestinationKind.TOPIC, false, Map.of(), List.of(partition));
        return PartitionHealth.of(List.of(topic), Map.of("orders", inSyncMin)).get(0);
    }

    @Test
    void aPartitionWithAllReplicasInSyncBehindItsPreferredLeaderIsWell() {
        assertThat(health(1, List.of(3, 1, 2), "2").problems()).isEmpty();
    }

    @Test
    void aReplicaThatIsMissingMakesItUnderReplicated() {
        assertThat(health(1, List.of(1, 2), "2").problems()).containsExactly(Problem.UNDER_REPLICATED);
    }

    @Test
    void tooFewReplicasForAcksAllMakeItUnderMinIsr() {
        assertThat(health(1, List.of(1), "2").problems())
                .containsExactly(Problem.UNDER_MIN_ISR, Problem.UNDER_REPLICATED);
    }

    @Test
    void anotherLeaderThanTheFirstReplicaIsTold() {
        assertThat(health(2, List.of(1, 2, 3), "2").problems()).containsExactly(Problem.NOT_PREFERRED_LEADER);
    }

    @Test
    void aPartitionWithoutLeaderIsOfflineAndHasNoWrongOne() {
        assertThat(health(-1, List.of(2), "1").problems()).containsExactly(Problem.OFFLINE, Problem.UNDER_REPLICATED);
    }
}
