package io.millrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.client.GroupAdmin;
import io.millrace.client.GroupAdmin.CommittedOffset;
import io.millrace.client.TopicPartition;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GroupLagTest {
    private static final TopicPartition READ = new TopicPartition("orders", 2);
    private static final TopicPartition LEFT = new TopicPartition("orders", 10);

    private static GroupAdmin.Description groupReading(TopicPartition... partitions) {
        var assignment = Set.of(partitions);
        var member = new GroupAdmin.Member("m-1", null, "app", "/127.0.0.1", 3, Set.of(), assignment, assignment);
        return new GroupAdmin.Description("g", "consumer", "Stable", 1, "uniform", 3, 3, List.of(member));
    }

    private static CommittedOffset at(long offset) {
        return new CommittedOffset(offset, 0, "");
    }

    @Test
    void theLagIsWhatIsBetweenTheCommittedOffsetAndTheEnd() {
        var lag = GroupLag.of(groupReading(READ), Map.of(READ, at(4), LEFT, at(1)), Map.of(READ, 10L, LEFT, 3L));

        assertThat(lag.lines()).extracting(GroupLag.Line::partition).containsExactly(READ, LEFT);
        assertThat(lag.lines()).extracting(GroupLag.Line::lag).containsExactly(6L, 2L);
        assertThat(lag.lines().get(0).member()).isNotNull();
        assertThat(lag.lines().get(1).member()).isNull();
        assertThat(lag.total()).isEqualTo(8);
    }

    @Test
    void aLagThatIsNotKnownCountsForNothing() {
        var lag = GroupLag.of(groupReading(READ), Map.of(LEFT, at(1)), Map.of(READ, 10L));

        assertThat(lag.lines()).extracting(GroupLag.Line::lag).containsExactly(null, null);
        assertThat(lag.total()).isZero();
    }

    @Test
    void aGroupThatIsAheadOfTheEndHasNothingToRead() {
        var lag = GroupLag.of(groupReading(), Map.of(READ, at(12)), Map.of(READ, 10L));

        assertThat(lag.total()).isZero();
    }
}
