package io.millrace.client.network;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.QueueBrowseResponse;
import io.millrace.protocol.message.QueueFetchResponse;
import io.millrace.protocol.message.Response;
import io.millrace.protocol.wire.Records;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** A frame lives as long as the records in it are used. */
class RetainedRecordsTest {
    @Test
    void whatIsBrowsedOutlivesItsFrameUntilItIsGivenBack() {
        check(records -> new QueueBrowseResponse(0, ErrorCode.NONE, 1, 1, records, List.of()));
    }

    @Test
    void whatIsAcquiredOutlivesItsFrameUntilItIsGivenBack() {
        check(records -> {
            var partition = new QueueFetchResponse.Partition(
                    0,
                    ErrorCode.NONE,
                    ErrorCode.NONE,
                    0,
                    0,
                    records,
                    List.of(),
                    QueueFetchResponse.Redelivery.UNLIMITED);
            var topic = new QueueFetchResponse.Topic(new UUID(1, 1), List.of(partition));
            return new QueueFetchResponse(0, ErrorCode.NONE, List.of(topic));
        });
    }

    private static void check(Function<Records, Response> made) {
        ByteBuf frame = Unpooled.buffer().writeLong(7);
        Response response = made.apply(Records.of(frame.slice()));

        RetainedRecords.retain(response);
        frame.release();
        assertThat(frame.refCnt()).isEqualTo(1);
        response.releaseRecords();

        assertThat(frame.refCnt()).isZero();
    }
}
