package io.millrace.server.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.FetchRequest;
import io.millrace.protocol.message.FetchResponse;
import io.millrace.protocol.wire.Records;
import io.millrace.replication.Isolation;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FetchSessionTest {
    private static final UUID NO_ID = new UUID(0, 0);

    private final FetchSession session = new FetchSession(17, false);

    @Test
    void requestsComeInTheOrderOfTheirEpochs() {
        assertThat(session.advance(1)).isTrue();
        assertThat(session.advance(1)).isFalse();
        assertThat(session.advance(3)).isFalse();
        assertThat(session.advance(2)).isTrue();
    }

    @Test
    void aRequestAddsChangesAndDropsPartitions() {
        session.update(request(List.of(asked(0, 0), asked(1, 0), asked(2, 0)), List.of()));

        session.update(request(List.of(asked(1, 50), asked(3, 0)), List.of(0)));

        assertThat(askedFor()).containsExactly(asked(1, 50), asked(2, 0), asked(3, 0));
    }

    @Test
    void whatTheClientKnowsIsNoNews() {
        session.update(request(List.of(asked(0, 0)), List.of()));
        var target = target(asked(0, 0));

        assertThat(session.isNews(target, read(100, 0, 0))).isTrue();
        session.onSending(List.of(target), List.of(read(100, 0, 0)));

        assertThat(session.isNews(target, read(100, 0, 0))).isFalse();
        assertThat(session.isNews(target, read(101, 0, 0))).isTrue();
        assertThat(session.isNews(target, read(100, 5, 0))).isTrue();
        assertThat(session.isNews(target, read(100, 0, 10))).isTrue();
    }

    @Test
    void afterAnErrorTheNextAnswerIsNewsWhateverItSays() {
        session.update(request(List.of(asked(0, 0)), List.of()));
        var target = target(asked(0, 0));
        session.onSending(List.of(target), List.of(read(100, 0, 0)));

        session.onSending(List.of(target), List.of(FetchResponse.Partition.error(0, ErrorCode.NOT_LEADER_OR_FOLLOWER)));

        assertThat(session.isNews(target, read(100, 0, 0))).isTrue();
    }

    @Test
    void aPartitionWhoseRecordsWereSentComesLastNextTime() {
        session.update(request(List.of(asked(0, 0), asked(1, 0), asked(2, 0)), List.of()));
        var targets = IntStream.range(0, 3).mapToObj(i -> target(asked(i, 0))).toList();

        session.onSending(targets, List.of(read(9, 0, 10), read(0, 0, 0), read(0, 0, 0)));

        assertThat(askedFor()).extracting(FetchRequest.Partition::partition).containsExactly(1, 2, 0);
    }

    private List<FetchRequest.Partition> askedFor() {
        var all = new ArrayList<FetchRequest.Partition>();
        session.forEach((topic, id, asked) -> all.add(asked));
        return all;
    }

    private static FetchRequest request(List<FetchRequest.Partition> partitions, List<Integer> forgotten) {
        return new FetchRequest(
                -1,
                500,
                1,
                1 << 20,
                (byte) 0,
                17,
                1,
                List.of(new FetchRequest.Topic("t", NO_ID, partitions)),
                List.of(new FetchRequest.ForgottenTopic("t", NO_ID, forgotten)),
                "",
                null,
                FetchRequest.ReplicaState.CONSUMER);
    }

    private static FetchRequest.Partition asked(int index, long offset) {
        return new FetchRequest.Partition(index, -1, offset, -1, -1, 1 << 20, NO_ID, Long.MAX_VALUE);
    }

    private static FetchTarget target(FetchRequest.Partition asked) {
        return new FetchTarget(
                "t", NO_ID, asked, null, null, ErrorCode.NOT_LEADER_OR_FOLLOWER, Isolation.READ_UNCOMMITTED);
    }

    private static FetchResponse.Partition read(long highWatermark, long logStartOffset, int bytes) {
        return FetchResponse.Partition.read(
                0, highWatermark, highWatermark, logStartOffset, Records.of(Unpooled.wrappedBuffer(new byte[bytes])));
    }
}
