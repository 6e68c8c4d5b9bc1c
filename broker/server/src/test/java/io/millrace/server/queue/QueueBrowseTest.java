package io.millrace.server.queue;

import static io.millrace.server.queue.DispatcherFixture.ANN;
import static io.millrace.server.queue.DispatcherFixture.BEN;
import static io.millrace.server.queue.DispatcherFixture.KEY;
import static io.millrace.server.queue.DispatcherFixture.got;
import static io.millrace.server.queue.DispatcherFixture.release;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.coordinator.queue.OffsetRange;
import io.millrace.coordinator.queue.Selection;
import io.millrace.coordinator.queue.Settlement.Verdict;
import io.millrace.protocol.ErrorCode;
import io.millrace.record.Record;
import io.millrace.record.RecordBatch;
import io.millrace.record.RecordBatches;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Looking at a queue without taking anything. */
class QueueBrowseTest {
    private static final int PLENTY = 1 << 20;

    private final DispatcherFixture queue = new DispatcherFixture();

    @Test
    void whatIsNotAcknowledgedIsShownWhoeverHasItAndStaysWhereItIs() throws Exception {
        queue.data.produce("a", "b", "c", "d");
        var dispatcher = queue.lead();
        release(queue.acquire(dispatcher, ANN, 3));
        queue.settle(dispatcher, ANN, 1, 1, Verdict.ACCEPT);
        queue.settle(dispatcher, ANN, 2, 2, Verdict.RELEASE);

        var page = browse(dispatcher, 0, PLENTY);

        assertThat(page.ranges()).containsExactly(new OffsetRange(0, 0), new OffsetRange(2, 3));
        assertThat(page.nextOffset()).isEqualTo(4);
        assertThat(page.endOffset()).isEqualTo(4);
        assertThat(valuesIn(page)).containsExactly("a", "c", "d");
        var rest = queue.acquire(dispatcher, BEN, 10);
        assertThat(got(rest).ranges()).extracting(range -> range.firstOffset()).containsExactly(2L, 3L);
        release(rest);
    }

    @Test
    void aPageIsAboutAsLargeAsWasAskedForAndTheNextGoesOn() throws Exception {
        for (String value : List.of("a", "b", "c")) {
            queue.data.produce(value);
        }
        var dispatcher = queue.lead();
        var values = new ArrayList<String>();

        var page = browse(dispatcher, 0, 1);
        assertThat(page.nextOffset()).isEqualTo(1);
        values.addAll(valuesIn(page));
        while (page.nextOffset() < page.endOffset()) {
            page = browse(dispatcher, page.nextOffset(), 1);
            values.addAll(valuesIn(page));
        }

        assertThat(values).containsExactly("a", "b", "c");
        assertThat(browse(dispatcher, 3, 1).ranges()).isEmpty();
    }

    @Test
    void aPageBeginsWithinABatchWhereItWasAskedTo() throws Exception {
        queue.data.produce("a", "b", "c");

        assertThat(valuesIn(browse(queue.lead(), 1, PLENTY))).containsExactly("b", "c");
    }

    @Test
    void aSelectorPicksWhatIsShownAndPagesWithoutAnyGoOn() throws Exception {
        for (int i = 0; i < 10; i++) {
            queue.data.produce("v" + i, null, Map.of("color", i % 4 == 1 ? "red" : "blue"));
        }
        var dispatcher = queue.lead();
        release(queue.acquire(dispatcher, ANN, 6));
        queue.settle(dispatcher, ANN, 5, 5, Verdict.ACCEPT);
        var values = new ArrayList<String>();
        long next = 0;
        int pages = 0;

        while (next < 10) {
            var page = browse(dispatcher, next, 1, "color = 'red'");
            assertThat(page.nextOffset()).isGreaterThan(next);
            next = page.nextOffset();
            values.addAll(valuesIn(page));
            pages++;
        }

        assertThat(values).containsExactly("v1", "v9");
        assertThat(pages).isGreaterThan(2);
        assertThat(valuesIn(browse(dispatcher, 0, PLENTY, "color = 'red'"))).containsExactly("v1", "v9");
        assertThat(browse(dispatcher, 0, PLENTY, "color = 'green'").ranges()).isEmpty();
    }

    @Test
    void theEndAloneCostsNoRecords() {
        queue.data.produce("a", "b");

        var page = browse(queue.lead(), 0, 0);

        assertThat(page.endOffset()).isEqualTo(2);
        assertThat(page.nextOffset()).isZero();
        assertThat(page.ranges()).isEmpty();
        assertThat(page.records().sizeInBytes()).isZero();
    }

    @Test
    void anEmptyQueueAndOneThatIsAllAcknowledgedEndAtOnce() {
        var dispatcher = queue.lead();
        assertThat(browse(dispatcher, 0, PLENTY).endOffset()).isZero();
        queue.data.produce("a", "b");
        release(queue.acquire(dispatcher, ANN, 2));
        queue.settle(dispatcher, ANN, 0, 1, Verdict.ACCEPT);

        var page = browse(dispatcher, 0, PLENTY);

        assertThat(page.ranges()).isEmpty();
        assertThat(page.nextOffset()).isEqualTo(2);
    }

    @Test
    void aNewLeaderShowsTheSame() throws Exception {
        queue.data.produce("a", "b", "c");
        var first = queue.lead();
        release(queue.acquire(first, ANN, 3));
        queue.settle(first, ANN, 1, 1, Verdict.ACCEPT);

        var second = queue.failOver();

        assertThat(valuesIn(browse(second, 0, PLENTY))).containsExactly("a", "c");
    }

    @Test
    void whoeverDoesNotLeadShowsNothing() {
        var dispatchers = queue.dispatchers();
        queue.loop.run(() -> dispatchers.onLeader(KEY, queue.data, queue.cursorLog, 1));
        var dispatcher = dispatchers.dispatcher(KEY).orElseThrow();
        queue.loop.run(() -> dispatchers.onResigned(KEY));

        assertThat(browse(dispatcher, 0, PLENTY).errorCode()).isEqualTo(ErrorCode.NOT_LEADER_OR_FOLLOWER);
    }

    @Test
    void whatIsShownIsWhatWasNotAcknowledged() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        var left = new TreeSet<Long>();
        var dispatcher = queue.lead();
        long end = 0;
        for (int batch = 0; batch < 20; batch++) {
            String[] values = new String[1 + random.nextInt(5)];
            for (int i = 0; i < values.length; i++) {
                left.add(end);
                values[i] = String.valueOf(end++);
            }
            queue.data.produce(values);
        }
        release(queue.acquire(dispatcher, ANN, (int) end));
        for (long offset = 0; offset < end; offset++) {
            if (random.nextBoolean()
                    && queue.settle(dispatcher, ANN, offset, offset, Verdict.ACCEPT)
                                    .getNow(null)
                            == ErrorCode.NONE) {
                left.remove(offset);
            }
        }

        var shown = new ArrayList<String>();
        for (long next = 0; next < end; ) {
            var page = browse(dispatcher, next, 1 + random.nextInt(300));
            shown.addAll(valuesIn(page));
            next = page.nextOffset();
        }

        assertThat(shown)
                .as("seed %d", seed)
                .containsExactlyElementsOf(left.stream().map(String::valueOf).toList());
    }

    private QueueBrowse.Page browse(QueueDispatcher dispatcher, long fromOffset, int maxBytes) {
        return browse(dispatcher, fromOffset, maxBytes, Selection.ALL);
    }

    private QueueBrowse.Page browse(QueueDispatcher dispatcher, long fromOffset, int maxBytes, String selector) {
        var page = dispatcher.browse(new QueueBrowse(null, fromOffset, maxBytes, selector));
        queue.loop.run();
        assertThat(page).isDone();
        return page.getNow(null);
    }

    private static List<String> valuesIn(QueueBrowse.Page page) throws Exception {
        assertThat(page.errorCode()).isEqualTo(ErrorCode.NONE);
        var values = new ArrayList<String>();
        for (RecordBatch batch : RecordBatches.listOf(page.records().buffer())) {
            for (Record record : batch.records(1 << 20).toList()) {
                long offset = record.offset();
                if (page.ranges().stream().anyMatch(range -> range.first() <= offset && offset <= range.last())) {
                    values.add(new String(record.valueBytes(), UTF_8));
                }
            }
        }
        page.records().release();
        return values;
    }
}
