package io.millrace.protocol.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.KafkaFrames.Kind;
import io.millrace.protocol.wire.ByteBufRecords;
import io.millrace.protocol.wire.OutgoingFrame;
import io.millrace.protocol.wire.Records;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class FramesTest {
    private static final PooledByteBufAllocator ALLOCATOR = PooledByteBufAllocator.DEFAULT;

    /** Records that are not in memory, like a region of a file. */
    private static final class Region implements Records {
        private final int size;
        private int released;

        Region(int size) {
            this.size = size;
        }

        @Override
        public int sizeInBytes() {
            return size;
        }

        @Override
        public ByteBuf buffer() {
            throw new UnsupportedOperationException("a region is not in memory");
        }

        @Override
        public void release() {
            released++;
        }
    }

    private static FetchResponse fetched(Records... records) {
        var partitions = new ArrayList<FetchResponse.Partition>();
        for (Records each : records) {
            partitions.add(FetchResponse.Partition.read(partitions.size(), 10, 10, 0, each));
        }
        return new FetchResponse(
                0, ErrorCode.NONE, 0, List.of(new FetchResponse.Topic("", new UUID(1, 2), partitions)), List.of());
    }

    @Test
    void recordsPassThroughAsPartsOfTheirOwn() {
        var region = new Region(5_000);
        ByteBuf large = ALLOCATOR.buffer().writeZero(2_000);
        ByteBuf small = ALLOCATOR.buffer().writeZero(20);

        OutgoingFrame frame =
                Frames.response(ALLOCATOR, 13, 1, fetched(region, Records.of(large), Records.of(small), new Region(0)));

        assertThat(frame.parts()).hasSize(5);
        assertThat(frame.parts().get(1)).isSameAs(region);
        assertThat(frame.parts().get(3).buffer()).isSameAs(large);
        assertThat(frame.parts().stream().mapToInt(Records::sizeInBytes).sum()).isEqualTo(frame.sizeInBytes());
        assertThat(frame.parts().get(0).buffer().getInt(0)).isEqualTo(frame.sizeInBytes() - Integer.BYTES);
        assertThat(small.refCnt()).as("small records are copied").isZero();

        frame.release();

        assertThat(region.released).isOne();
        assertThat(large.refCnt()).isZero();
        assertThat(frame.parts())
                .filteredOn(ByteBufRecords.class::isInstance)
                .allMatch(part -> part.buffer().refCnt() == 0);
    }

    @Test
    void aFrameInPartsIsReadLikeOneOfOnePiece() {
        byte[] bytes = new byte[3_000];
        bytes[2_999] = 7;
        FetchResponse response = fetched(Records.of(Unpooled.wrappedBuffer(bytes)), Records.EMPTY);
        var kind = new Kind(ApiKey.FETCH, false, 18);

        byte[] frame = MillraceFrames.write(kind, response);
        var read = (FetchResponse) MillraceFrames.read(kind, Unpooled.wrappedBuffer(frame));

        var partitions = read.responses().get(0).partitions();
        assertThat(partitions.get(0).records().buffer()).isEqualTo(Unpooled.wrappedBuffer(bytes));
        assertThat(partitions.get(1).records().sizeInBytes()).isZero();
    }

    @Test
    void recordsStillBelongToTheMessageIfWritingFails() {
        ByteBuf small = ALLOCATOR.buffer().writeZero(20);
        var region = new Region(5_000);
        FetchResponse response = fetched(Records.of(small), region);
        var withSession = new FetchResponse(0, ErrorCode.NONE, 1, response.responses(), List.of());

        assertThatThrownBy(() -> Frames.response(ALLOCATOR, 4, 1, withSession))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("FetchResponse.sessionId is 1, which version 4 cannot carry");

        assertThat(small.refCnt()).isOne();
        assertThat(region.released).isZero();
        withSession.releaseRecords();
        assertThat(small.refCnt()).isZero();
        assertThat(region.released).isOne();
    }

    @Test
    void aProduceRequestReadsItsRecordsAsSlicesOfTheFrame() {
        var partition = new ProduceRequest.Partition(0, Records.of(Unpooled.wrappedBuffer(new byte[600])));
        var request = new ProduceRequest(
                null, (short) -1, 1_000, List.of(new ProduceRequest.Topic("", new UUID(1, 2), List.of(partition))));
        var kind = new Kind(ApiKey.PRODUCE, true, 13);
        ByteBuf frame = Unpooled.wrappedBuffer(MillraceFrames.write(kind, request));

        var read = (ProduceRequest) MillraceFrames.read(kind, frame);

        ByteBuf records =
                read.topicData().get(0).partitionData().get(0).records().buffer();
        assertThat(records.array()).isSameAs(frame.array());
        assertThat(records.readableBytes()).isEqualTo(600);
    }

    @Test
    void theHeaderOfAnUnknownApiIsReadAllTheSame() {
        ByteBuf frame =
                Unpooled.buffer().writeShort(999).writeShort(3).writeInt(5).writeShort(-1);

        RequestHeader header = RequestHeader.read(frame);

        assertThat(header).isEqualTo(new RequestHeader((short) 999, (short) 3, 5, null));
        assertThat(header.apiKey()).isEmpty();
    }

    @Test
    void aVersionThatIsNotServedIsAMistakeOfTheCaller() {
        assertThatThrownBy(() -> ApiKey.PRODUCE.readRequest(Unpooled.buffer(), 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("PRODUCE has no version 2, only 3 to 13");
    }
}
