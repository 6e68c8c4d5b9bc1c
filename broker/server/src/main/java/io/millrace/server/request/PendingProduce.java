package io.millrace.server.request;

import static java.lang.System.Logger.Level.DEBUG;
import static java.lang.System.Logger.Level.ERROR;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.ProduceRequest;
import io.millrace.protocol.message.ProduceResponse;
import io.millrace.protocol.message.Response;
import io.millrace.replication.AppendResult;
import io.millrace.replication.PartitionKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A produce request whose appends are under way.
 *
 * <p>Filled by the event loop of the connection, each slot completed once by the loop of its partition; the last one makes the response.
 */
final class PendingProduce {
    private static final System.Logger LOGGER = System.getLogger(PendingProduce.class.getName());

    private final ProduceRequest request;
    private final ClusterView cluster;
    private final CompletableFuture<Response> response = new CompletableFuture<>();
    private final Slot[][] slots;
    private final AtomicInteger remaining;
    private int throttleMs;

    PendingProduce(ProduceRequest request, ClusterView cluster) {
        this.request = request;
        this.cluster = cluster;
        List<ProduceRequest.Topic> topics = request.topicData();
        slots = new Slot[topics.size()][];
        int count = 0;
        for (int i = 0; i < slots.length; i++) {
            List<ProduceRequest.Partition> partitions = topics.get(i).partitionData();
            slots[i] = new Slot[partitions.size()];
            for (int j = 0; j < slots[i].length; j++) {
                slots[i][j] = new Slot(partitions.get(j).index());
            }
            count += slots[i].length;
        }
        remaining = new AtomicInteger(count + 1); // one for response(), so that a request without partitions ends, too
    }

    /** What the client is told of its quota; before {@link #response}. */
    void throttleMs(int ms) {
        throttleMs = ms;
    }

    Slot slot(int topic, int partition) {
        return slots[topic][partition];
    }

    CompletableFuture<Response> refuseAll(ErrorCode error, String message) {
        for (Slot[] topic : slots) {
            for (Slot slot : topic) {
                slot.refuse(error, message);
            }
        }
        return response();
    }

    /** Completes when every slot has. */
    CompletableFuture<Response> response() {
        onSlot();
        return response;
    }

    private void onSlot() {
        if (remaining.decrementAndGet() == 0) {
            response.complete(request.acks() == 0 ? silence() : answer());
        }
    }

    private Silence silence() {
        for (Slot[] topic : slots) {
            for (Slot slot : topic) {
                if (slot.result().errorCode().isError()) {
                    LOGGER.log(DEBUG, () -> "An append with acks=0 failed, so its connection closes: " + slot.result());
                    return Silence.CLOSE;
                }
            }
        }
        return Silence.KEEP_OPEN;
    }

    private ProduceResponse answer() {
        Leaders leaders = new Leaders(cluster.image());
        var topics = new ArrayList<ProduceResponse.Topic>(slots.length);
        for (int i = 0; i < slots.length; i++) {
            var partitions = new ArrayList<ProduceResponse.Partition>(slots[i].length);
            for (Slot slot : slots[i]) {
                partitions.add(slot.answer(leaders));
            }
            ProduceRequest.Topic topic = request.topicData().get(i);
            topics.add(new ProduceResponse.Topic(topic.name(), topic.topicId(), partitions));
        }
        return new ProduceResponse(topics, throttleMs, leaders.endpoints());
    }

    /** What becomes of one partition's batch. */
    final class Slot {
        private final int index;
        private @Nullable PartitionKey partition;
        private @Nullable AppendResult result; // written before the counter goes down, read after it has reached zero

        private Slot(int index) {
            this.index = index;
        }

        void partition(PartitionKey key) {
            partition = key;
        }

        long timeoutMs() {
            return Math.max(0, request.timeoutMs());
        }

        void refuse(ErrorCode error, String message) {
            complete(AppendResult.refused(error, message));
        }

        void completeWith(CompletableFuture<AppendResult> appended) {
            appended.whenComplete((how, failure) -> {
                if (how != null) {
                    complete(how);
                    return;
                }
                LOGGER.log(ERROR, () -> "An append to " + partition + " failed", failure);
                refuse(ErrorCode.UNKNOWN_SERVER_ERROR, "The append failed; the log of the broker says why");
            });
        }

        private void complete(AppendResult how) {
            result = how;
            onSlot();
        }

        private AppendResult result() {
            if (result == null) {
                throw new IllegalStateException("the slot of partition " + index + " is not complete");
            }
            return result;
        }

        private ProduceResponse.Partition answer(Leaders leaders) {
            AppendResult how = result();
            if (how.isAppended()) {
                return ProduceResponse.Partition.appended(
                        index, how.baseOffset(), how.logAppendTimeMs(), how.logStartOffset());
            }
            var refusal = ProduceResponse.Partition.error(index, how.errorCode(), how.message());
            return partition != null && Leaders.isWorthNaming(how.errorCode())
                    ? refusal.withCurrentLeader(leaders.leaderOf(partition))
                    : refusal;
        }
    }
}
