package io.millrace.jms;

import io.millrace.client.DestinationDescription;
import io.millrace.client.QueueMessage;
import io.millrace.client.QueuePage;
import io.millrace.client.TopicPartition;
import jakarta.jms.JMSException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One pass over a queue's messages: partition after partition, each in the order of its offsets, up to where it ended when the pass
 * began. Holds a page at a time.
 *
 * <p>What is acknowledged meanwhile may be seen or not.
 */
final class QueuePass {
    private static final int PAGE_BYTES = 1024 * 1024;
    private static final int NO_BYTES = 0;

    /** A partition that is still to be gone through. */
    private record Part(TopicPartition partition, long endOffset) {}

    private final ClusterLink link;
    private final ConnectionTemporaries temporaries;
    private final MillraceQueue queue;
    private final @Nullable String selector;
    private final Predicate<MessageDecoder.Content> wanted;
    private final Deque<Part> parts = new ArrayDeque<>();
    private final Deque<MessageDecoder.Content> page = new ArrayDeque<>();
    private long nextOffset;
    private MessageDecoder.@Nullable Content next;

    /**
     * A pass that has not begun.
     *
     * @param selector of what the cluster is to show; null: everything
     * @param wanted of that, what is shown
     */
    QueuePass(
            ClusterLink link,
            ConnectionTemporaries temporaries,
            MillraceQueue queue,
            @Nullable String selector,
            Predicate<MessageDecoder.Content> wanted) {
        this.link = link;
        this.temporaries = temporaries;
        this.queue = queue;
        this.selector = selector;
        this.wanted = wanted;
    }

    /** Finds out where all partitions end; waits for that. */
    void begin() throws JMSException {
        if (queue.isTemporary()) {
            page.addAll(temporaries.browse(queue));
            return;
        }
        DestinationDescription description = link.requireNow(queue, false);
        List<TopicPartition> partitions = new ArrayList<>();
        List<CompletableFuture<QueuePage>> ends = new ArrayList<>();
        for (int partition = 0; partition < description.partitions().size(); partition++) {
            TopicPartition name = new TopicPartition(queue.getName(), partition);
            partitions.add(name);
            ends.add(link.client().browse(name, 0, NO_BYTES));
        }
        for (int i = 0; i < ends.size(); i++) {
            parts.add(new Part(partitions.get(i), await(ends.get(i)).endOffset()));
        }
    }

    /** Whether there is another message; asks the cluster where the page is used up. */
    boolean hasNext() throws JMSException {
        while (next == null) {
            MessageDecoder.Content candidate = page.poll();
            if (candidate != null) {
                next = wanted.test(candidate) ? candidate : null;
            } else if (!turnPage()) {
                return false;
            }
        }
        return true;
    }

    /** @return whether there may be more */
    private boolean turnPage() throws JMSException {
        Part part = parts.peek();
        if (part == null) {
            return false;
        }
        if (nextOffset >= part.endOffset()) {
            parts.remove();
            nextOffset = 0;
            return true;
        }
        QueuePage read = await(link.client().browse(part.partition(), nextOffset, PAGE_BYTES, selector));
        nextOffset = read.nextOffset();
        for (QueueMessage message : read.messages()) {
            if (message.offset() < part.endOffset()) {
                page.add(MessageDecoder.Content.of(message));
            }
        }
        return true;
    }

    private QueuePage await(CompletableFuture<QueuePage> asked) throws JMSException {
        return Failures.await(asked, link.requestTimeout().plus(Duration.ofSeconds(1)), "Browsing " + queue);
    }

    /**
     * The next message, which is taken.
     *
     * @throws NoSuchElementException where there is none
     */
    MessageDecoder.Content nextAfter(boolean hasNext) {
        MessageDecoder.Content taken = next;
        if (!hasNext || taken == null) {
            throw new NoSuchElementException(
                    "There are no more messages on " + queue + " of those it had when browsing began");
        }
        next = null;
        return taken;
    }
}
