package io.millrace.coordinator.group;

import static io.millrace.coordinator.group.ClassicGroupFixture.GROUP;
import static io.millrace.coordinator.group.ClassicGroupFixture.NEW;
import static io.millrace.coordinator.group.ClassicGroupFixture.commitRequest;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.OffsetFetchRequest;
import org.junit.jupiter.api.Test;

/** Offsets that groups commit, by the rules of classic groups. */
class GroupOffsetsTest {
    private final ClassicGroupFixture group = new ClassicGroupFixture();

    @Test
    void offsetsCountOnceTheyAreCommitted() {
        var first = group.stableGroupOfOne();
        var outcome = group.groups()
                .commitOffsets(commitRequest(first.generationId(), first.memberId(), "m"), NEW, group.nowMs());
        assertThat(group.committedOffset()).isEqualTo(-1);

        group.commit(outcome.records());

        assertThat(group.committedOffset()).isEqualTo(42);
        group.takeOver();
        assertThat(group.committedOffset()).isEqualTo(42);
    }

    @Test
    void offsetsOfOthersGenerationsAreRefused() {
        var first = group.stableGroupOfOne();

        assertThat(group.commitError(commitRequest(first.generationId() - 1, first.memberId(), "m")))
                .isEqualTo(ErrorCode.ILLEGAL_GENERATION);
        assertThat(group.commitError(commitRequest(first.generationId(), "other", "m")))
                .isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
        assertThat(group.commitError(commitRequest(-1, "", "m"))).isEqualTo(ErrorCode.UNKNOWN_MEMBER_ID);
        assertThat(group.commitError(commitRequest(first.generationId(), first.memberId(), "m".repeat(5_000))))
                .isEqualTo(ErrorCode.OFFSET_METADATA_TOO_LARGE);
    }

    @Test
    void aGroupWithoutMembersStoresOffsetsOfAnybody() {
        var outcome = group.groups().commitOffsets(commitRequest(-1, "", "m"), NEW, group.nowMs());
        group.commit(outcome.records());

        var all = group.groups().fetchOffsets(new OffsetFetchRequest.Group(GROUP, null, -1, null), false);

        assertThat(all.topics()).hasSize(1);
        assertThat(all.topics().get(0).partitions().get(0).committedOffset()).isEqualTo(42);
    }
}
