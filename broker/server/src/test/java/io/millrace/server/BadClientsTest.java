package io.millrace.server;

import static io.millrace.server.TestCluster.eventually;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.FetchRequest;
import io.millrace.protocol.message.FetchResponse;
import io.millrace.protocol.message.ListOffsetsRequest;
import io.millrace.protocol.message.ListOffsetsResponse;
import io.millrace.protocol.message.OffsetForLeaderEpochRequest;
import io.millrace.protocol.message.OffsetForLeaderEpochResponse;
import io.millrace.protocol.message.ProduceRequest;
import io.millrace.protocol.message.ProduceResponse;
import io.millrace.protocol.wire.Records;
import io.millrace.record.Compression;
import io.millrace.record.RecordBatchBuilder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that say what is wrong get the right error, and nothing else suffers: the same connection goes on afterwards. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadClientsTest {
    private static final String TOPIC = "orders";
    private static final int CRC_INDEX = 17;
    private static final int ATTRIBUTES_INDEX = 21;
    private static final int LAST_OFFSET_DELTA_INDEX = 23;
    private static final int COUNT_INDEX = 57;
    private static final int MAGIC_INDEX = 16;

    private TestCluster cluster;
    private RawClient client;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        cluster = TestCluster.start(directory, 1, Map.of("message.max.bytes", "20000"));
        cluster.createTopic(TOPIC, 1, 1);
        // Its leader takes over a moment after the topic is there; clients ask again until then.
        try (var first = new RawClient(cluster.broker(1).port())) {
            eventually(() -> assertThat(produce(first, batch(1))).isEqualTo(ErrorCode.NONE));
        }
    }

    @AfterAll
    void stop() throws Exception {
        cluster.close();
    }

    @BeforeEach
    void connect() throws Exception {
        client = new RawClient(cluster.broker(1).port());
    }

    @AfterEach
    void theConnectionOrANewOneStillServes() throws Exception {
        client.close();
        try (var other = new RawClient(cluster.broker(1).port())) {
            assertThat(produce(other, batch(1))).isEqualTo(ErrorCode.NONE);
        }
    }

    @Test
    void batchesThatLieAreRefused() throws Exception {
        assertThat(produce(changed(batch -> batch.setInt(COUNT_INDEX, 2)))).isEqualTo(ErrorCode.INVALID_RECORD);
        assertThat(produce(changed(batch -> batch.setInt(COUNT_INDEX, 0)))).isEqualTo(ErrorCode.INVALID_RECORD);
        assertThat(produce(changed(batch -> batch.setInt(COUNT_INDEX, -1)))).isEqualTo(ErrorCode.INVALID_RECORD);
        assertThat(produce(changed(batch -> batch.setInt(LAST_OFFSET_DELTA_INDEX, 7))))
                .isEqualTo(ErrorCode.INVALID_RECORD);
        assertThat(produce(changed(batch -> batch.setInt(LAST_OFFSET_DELTA_INDEX, Integer.MAX_VALUE))))
                .isEqualTo(ErrorCode.INVALID_RECORD);
        assertThat(produce(batch(1).setByte(CRC_INDEX, 99))).isEqualTo(ErrorCode.CORRUPT_MESSAGE);
        assertThat(produce(batch(1).setByte(MAGIC_INDEX, 1)).isError()).isTrue();
        assertThat(produce(batch(1))).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void aBatchTooLargeIsRefused() throws Exception {
        assertThat(produce(batch(30_000))).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
        assertThat(produce(batch(1))).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void topicsThatDoNotExistAreUnknown() throws Exception {
        assertThat(fetch(12, "nowhere", new UUID(0, 0), 0, -1)).isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(fetch(12, TOPIC, new UUID(0, 0), 5, -1)).isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(fetch(12, TOPIC, new UUID(0, 0), -5, -1)).isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
        assertThat(fetch(13, "", new UUID(4, 2), 0, -1)).isEqualTo(ErrorCode.UNKNOWN_TOPIC_ID);
    }

    @Test
    void leaderEpochsThatAreNotTheLeadersAreRefused() throws Exception {
        assertThat(fetch(12, TOPIC, new UUID(0, 0), 0, 99)).isEqualTo(ErrorCode.UNKNOWN_LEADER_EPOCH);
        assertThat(list(99)).isEqualTo(ErrorCode.UNKNOWN_LEADER_EPOCH);
        assertThat(epochEnd(99)).isEqualTo(ErrorCode.UNKNOWN_LEADER_EPOCH);
        assertThat(epochEnd(0)).isEqualTo(ErrorCode.NONE);
    }

    @Test
    void aVersionThatWasNeverOfferedClosesOnlyThisConnection() throws Exception {
        client.sendRaw(new byte[] {0, 0, 0, 2, 0, 0, 0, 1, -1, -1});

        assertThat(client.isClosedByBroker()).isTrue();
    }

    @Test
    void whoFetchesFromBeforeZstdIsToldSo() throws Exception {
        cluster.createTopic("packed", 1, 1);
        cluster.producer(Map.of("compression.type", "zstd"))
                .send(new ProducerRecord<>("packed", new byte[1_000]))
                .get(10, SECONDS);

        assertThat(fetch(9, "packed", new UUID(0, 0), 0, -1)).isEqualTo(ErrorCode.UNSUPPORTED_COMPRESSION_TYPE);
        assertThat(fetch(10, "packed", new UUID(0, 0), 0, -1)).isEqualTo(ErrorCode.NONE);
        produce(batch(1));
        assertThat(fetch(9, TOPIC, new UUID(0, 0), 0, -1)).isEqualTo(ErrorCode.NONE);
    }

    private ErrorCode produce(ByteBuf batch) throws Exception {
        return produce(client, batch);
    }

    private static ErrorCode produce(RawClient from, ByteBuf batch) throws Exception {
        var partition = new ProduceRequest.Partition(0, Records.of(batch));
        var topic = new ProduceRequest.Topic(TOPIC, new UUID(0, 0), List.of(partition));
        var answer = (ProduceResponse) from.ask(9, new ProduceRequest(null, (short) -1, 5_000, List.of(topic)));
        return answer.responses().get(0).partitionResponses().get(0).errorCode();
    }

    private ErrorCode fetch(int version, String topic, UUID topicId, int partition, int leaderEpoch) throws Exception {
        var asked =
                new FetchRequest.Partition(partition, leaderEpoch, 0, -1, -1, 100_000, new UUID(0, 0), Long.MAX_VALUE);
        var request = new FetchRequest(
                -1,
                0,
                0,
                100_000,
                (byte) 0,
                0,
                -1,
                List.of(new FetchRequest.Topic(topic, topicId, List.of(asked))),
                List.of(),
                "",
                null,
                FetchRequest.ReplicaState.CONSUMER);
        var answer = (FetchResponse) client.ask(version, request);
        return answer.responses().get(0).partitions().get(0).errorCode();
    }

    private ErrorCode list(int leaderEpoch) throws Exception {
        var asked = new ListOffsetsRequest.Partition(0, leaderEpoch, ListOffsetsRequest.LATEST);
        var request = new ListOffsetsRequest(
                -1, (byte) 0, List.of(new ListOffsetsRequest.Topic(TOPIC, List.of(asked))), 1_000);
        var answer = (ListOffsetsResponse) client.ask(10, request);
        return answer.topics().get(0).partitions().get(0).errorCode();
    }

    private ErrorCode epochEnd(int leaderEpoch) throws Exception {
        var asked = new OffsetForLeaderEpochRequest.Partition(0, leaderEpoch, 0);
        var request = new OffsetForLeaderEpochRequest(
                -1, List.of(new OffsetForLeaderEpochRequest.Topic(TOPIC, List.of(asked))));
        var answer = (OffsetForLeaderEpochResponse) client.ask(4, request);
        return answer.topics().get(0).partitions().get(0).errorCode();
    }

    private static ByteBuf batch(int valueBytes) {
        var builder = new RecordBatchBuilder(UnpooledByteBufAllocator.DEFAULT, Compression.NONE, 100_000);
        builder.tryAppend(0, null, Unpooled.wrappedBuffer(new byte[valueBytes]), List.of());
        return builder.build();
    }

    /** A batch changed behind its checksum, which is right again afterwards. */
    private static ByteBuf changed(Consumer<ByteBuf> change) {
        ByteBuf batch = batch(1);
        change.accept(batch);
        var checksum = new CRC32C();
        checksum.update(batch.nioBuffer(ATTRIBUTES_INDEX, batch.readableBytes() - ATTRIBUTES_INDEX));
        return batch.setInt(CRC_INDEX, (int) checksum.getValue());
    }
}
