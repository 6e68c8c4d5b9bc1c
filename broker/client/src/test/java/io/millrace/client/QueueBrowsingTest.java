package io.millrace.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.AcknowledgementBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class QueueBrowsingTest {
    private static final TopicPartition PARTITION = new TopicPartition("q", 0);
    private static final int PLENTY = 1 << 20;

    private final ScriptedCluster cluster = new ScriptedCluster(2);
    private final ClusterClient client = cluster.newClient();

    @AfterEach
    void close() {
        client.close();
        cluster.close();
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("millrace-client"));
    }

    @Test
    void whatIsNotSettledIsShownAndNothingIsAcquired() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        send(0, 5);
        cluster.partition("q", 0).queue.settle(1, 2, AcknowledgementBatch.ACCEPT);

        QueuePage page = browse(0, PLENTY);

        assertThat(values(page)).containsExactly("0", "3", "4");
        assertThat(page.nextOffset()).isEqualTo(5);
        assertThat(page.endOffset()).isEqualTo(5);
        assertThat(cluster.partition("q", 0).queue.acquiredCount()).isZero();
    }

    @Test
    void pagesFollowEachOtherToTheEndAlsoWhereTheLeaderMoves() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        for (int i = 0; i < 10; i++) {
            send(i, i + 1);
        }
        var values = new ArrayList<String>();

        long next = 0;
        while (next < 10) {
            if (next == 5) {
                cluster.lead("q", 0, 1);
            }
            QueuePage page = browse(next, 1);
            values.addAll(values(page));
            next = page.nextOffset();
        }

        assertThat(values)
                .containsExactlyElementsOf(
                        IntStream.range(0, 10).mapToObj(String::valueOf).toList());
    }

    @Test
    void aLeaderThatIsGoneIsReplacedByTheNext() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        send(0, 3);
        assertThat(values(browse(0, PLENTY))).hasSize(3);

        int port = cluster.stop(0);
        cluster.lead("q", 0, 1);

        assertThat(values(browse(1, PLENTY))).containsExactly("1", "2");
        cluster.restart(0, port);
    }

    @Test
    void theEndCanBeAskedForAlone() throws Exception {
        cluster.create("q", DestinationKind.QUEUE, 1);
        send(0, 3);

        assertThat(browse(0, 0)).isEqualTo(new QueuePage(List.of(), 0, 3));
    }

    @Test
    void aQueueThatDoesNotExistIsRefused() {
        assertThatThrownBy(() -> browse(0, PLENTY))
                .hasCauseInstanceOf(ClientException.class)
                .cause()
                .extracting(failure -> ((ClientException) failure).errorCode())
                .isEqualTo(ErrorCode.UNKNOWN_TOPIC_OR_PARTITION);
    }

    private QueuePage browse(long fromOffset, int maxBytes) throws Exception {
        return client.browse(PARTITION, fromOffset, maxBytes).get(20, SECONDS);
    }

    private void send(int from, int to) throws Exception {
        try (var producer = client.newProducer(ProducerConfiguration.defaults())) {
            for (int i = from; i < to; i++) {
                byte[] value = String.valueOf(i).getBytes(UTF_8);
                producer.send(new ProducerRecord("q", 0, null, null, value, List.of()))
                        .get(20, SECONDS);
            }
        }
    }

    private static List<String> values(QueuePage page) {
        return page.messages().stream()
                .map(message -> new String(message.value(), UTF_8))
                .toList();
    }
}
