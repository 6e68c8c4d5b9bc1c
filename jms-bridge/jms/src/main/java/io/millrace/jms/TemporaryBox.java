package io.millrace.jms;

import io.millrace.client.AcknowledgeType;
import io.millrace.client.QueueMessage;
import io.millrace.record.RecordHeader;
import io.millrace.selector.MessageSelector;
import io.millrace.selector.ReservedHeaders;
import jakarta.jms.Message;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a temporary queue, or of one subscriber of a temporary topic, in the order of their delivery: by priority, then as they came.
 *
 * <p>Guarded by this; bells ring outside of the monitor.
 *
 * <pre>
 *   add --> waiting --take--> taken --accepted--> consumed
 *              ^   |            |
 *              |   `-expired----|---------------> consumed
 *              `----released----'
 * </pre>
 */
final class TemporaryBox {
    private static final int PRIORITY_MAX = 9;

    private final TreeMap<Place, Held> waiting =
            new TreeMap<>(Comparator.comparingInt(Place::behind).thenComparingLong(Place::number));
    private final Map<Long, Taken> taken = new HashMap<>(); // by number
    private final List<Bell> bells = new CopyOnWriteArrayList<>();

    /** Where a message is in the order; the number is its offset. */
    private record Place(int behind, long number) {}

    /** @param deliveryCount how often it was delivered */
    private record Held(MessageDecoder.Content content, int deliveryCount, Times times, Runnable onConsumed) {}

    private record Times(long dueMs, long expirationMs) {}

    private record Taken(TemporarySource by, Place place, Held held) {}

    void listen(Bell bell) {
        bells.add(bell);
    }

    void unlisten(Bell bell) {
        bells.remove(bell);
    }

    void ring() {
        bells.forEach(Bell::ring);
    }

    /** @param onConsumed runs once, when the message is settled for good */
    void add(MillraceDestination destination, QueueMessage message, long nowMs, Runnable onConsumed) {
        var content = new MessageDecoder.Content(
                destination,
                message.partition(),
                message.offset(),
                0,
                message.timestampMs(),
                message.key(),
                message.value(),
                message.headers());
        long priority = number(content, ReservedHeaders.PRIORITY, Message.DEFAULT_PRIORITY);
        int behind = PRIORITY_MAX - (int) Math.max(0, Math.min(PRIORITY_MAX, priority));
        var times = new Times(
                number(content, ReservedHeaders.DELIVERY_TIME, 0), number(content, ReservedHeaders.EXPIRATION, 0));
        synchronized (this) {
            waiting.put(new Place(behind, message.offset()), new Held(content, 0, times, onConsumed));
        }
        if (times.dueMs > nowMs) {
            CompletableFuture.delayedExecutor(times.dueMs - nowMs, TimeUnit.MILLISECONDS, Runnable::run)
                    .execute(this::ring);
        } else {
            ring();
        }
    }

    private static long number(MessageDecoder.Content content, String name, long otherwise) {
        for (RecordHeader header : content.headers()) {
            byte[] value = header.value();
            if (value != null && header.key().equals(name)) {
                try {
                    return Long.parseLong(new String(value, StandardCharsets.UTF_8));
                } catch (NumberFormatException ignored) {
                    // A foreign client wrote something else under the reserved name.
                    return otherwise;
                }
            }
        }
        return otherwise;
    }

    /** The first message that is due and matches; what has expired on the way there is gone. */
    synchronized MessageDecoder.@Nullable Content take(TemporarySource source, MessageSelector selector, long nowMs) {
        Iterator<Map.Entry<Place, Held>> each = waiting.entrySet().iterator();
        while (each.hasNext()) {
            Map.Entry<Place, Held> next = each.next();
            Held held = next.getValue();
            if (held.times.expirationMs != 0 && held.times.expirationMs <= nowMs) {
                each.remove();
                held.onConsumed.run();
            } else if (held.times.dueMs <= nowMs && Selectors.matches(selector, held.content)) {
                each.remove();
                MessageDecoder.Content content = held.content.withDeliveryCount(held.deliveryCount + 1);
                taken.put(content.offset(), new Taken(source, next.getKey(), held));
                return content;
            }
        }
        return null;
    }

    /** Settles what was taken; what is not taken any more is passed over. */
    void settle(List<Delivery> deliveries, AcknowledgeType type) {
        synchronized (this) {
            for (Delivery delivery : deliveries) {
                Taken settled = taken.remove(delivery.content().offset());
                if (settled != null && type == AcknowledgeType.RELEASE) {
                    putBack(settled, delivery.content().deliveryCount());
                } else if (settled != null) {
                    settled.held.onConsumed.run();
                }
            }
        }
        if (type == AcknowledgeType.RELEASE) {
            ring();
        }
    }

    private void putBack(Taken back, int deliveryCount) {
        Held held = back.held;
        waiting.put(back.place, new Held(held.content, deliveryCount, held.times, held.onConsumed));
    }

    /** A consumer has ended without settling what it took: that is available to others, and counts as delivered. */
    void release(TemporarySource source) {
        synchronized (this) {
            List<Taken> back =
                    taken.values().stream().filter(each -> each.by == source).toList();
            back.forEach(each -> {
                taken.remove(each.held.content.offset());
                putBack(each, each.held.deliveryCount + 1);
            });
        }
        ring();
    }

    /** Nobody wants any of it. */
    synchronized void clear() {
        waiting.values().forEach(held -> held.onConsumed.run());
        waiting.clear();
        taken.values().forEach(each -> each.held.onConsumed.run());
        taken.clear();
    }

    /** What is not settled, acquired or not, in its order. */
    synchronized List<MessageDecoder.Content> contents() {
        var all = new TreeMap<Place, Held>(waiting);
        taken.values().forEach(each -> all.put(each.place, each.held));
        List<MessageDecoder.Content> contents = new ArrayList<>();
        all.values().forEach(held -> contents.add(held.content.withDeliveryCount(1)));
        return contents;
    }
}
