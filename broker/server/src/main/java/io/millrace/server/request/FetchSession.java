package io.millrace.server.request;

import io.millrace.protocol.message.FetchRequest;
import io.millrace.protocol.message.FetchResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * What a consumer fetches again and again, so that each request and each answer names only what has changed (KIP-227).
 *
 * <p>Owned by the event loop of its connection, with which it ends. Partitions whose records were sent move to the end of the order, so that
 * the bound of an answer's bytes starves none.
 */
final class FetchSession {
    /** The epoch of a request that opens a session. */
    static final int OPENING_EPOCH = 0;
    /** The epoch of a request that wants no session, or ends it. */
    static final int NO_SESSION_EPOCH = -1;

    private final int id;
    private final boolean namesTopicsById;
    private final Map<Key, Entry> entries = new LinkedHashMap<>();
    private int nextEpoch = 1;

    private record Key(String topic, UUID topicId, int partition) {}

    private static final class Entry {
        private FetchRequest.Partition asked;
        private long sentHighWatermark = -1;
        private long sentLogStartOffset = -1;

        private Entry(FetchRequest.Partition asked) {
            this.asked = asked;
        }
    }

    FetchSession(int id, boolean namesTopicsById) {
        this.id = id;
        this.namesTopicsById = namesTopicsById;
    }

    int id() {
        return id;
    }

    boolean namesTopicsById() {
        return namesTopicsById;
    }

    /** Whether the request is the next one of this session; if so, the one after it has the next epoch. */
    boolean advance(int epoch) {
        if (epoch != nextEpoch) {
            return false;
        }
        nextEpoch = nextEpoch == Integer.MAX_VALUE ? 1 : nextEpoch + 1;
        return true;
    }

    /** Takes over what the request adds, changes and drops. */
    void update(FetchRequest request) {
        for (FetchRequest.ForgottenTopic topic : request.forgottenTopicsData()) {
            topic.partitions().forEach(index -> entries.remove(new Key(topic.topic(), topic.topicId(), index)));
        }
        for (FetchRequest.Topic topic : request.topics()) {
            for (FetchRequest.Partition asked : topic.partitions()) {
                var key = new Key(topic.topic(), topic.topicId(), asked.partition());
                Entry known = entries.get(key);
                if (known == null) {
                    entries.put(key, new Entry(asked));
                } else {
                    known.asked = asked;
                }
            }
        }
    }

    interface Visitor {
        void onPartition(String topic, UUID topicId, FetchRequest.Partition asked);
    }

    void forEach(Visitor visitor) {
        entries.forEach((key, entry) -> visitor.onPartition(key.topic, key.topicId, entry.asked));
    }

    int size() {
        return entries.size();
    }

    /** Notes that these answers are about to be sent. */
    void onSending(List<FetchTarget> targets, List<FetchResponse.Partition> answers) {
        for (int i = 0; i < targets.size(); i++) {
            if (isNews(targets.get(i), answers.get(i))) {
                onSending(targets.get(i), answers.get(i));
            }
        }
    }

    private void onSending(FetchTarget target, FetchResponse.Partition answer) {
        Key key = key(target);
        Entry entry = entries.get(key);
        if (entry == null) {
            return; // forgotten meanwhile
        }
        boolean isError = answer.errorCode().isError();
        entry.sentHighWatermark = isError ? -1 : answer.highWatermark();
        entry.sentLogStartOffset = isError ? -1 : answer.logStartOffset();
        if (PendingFetch.size(answer) > 0) {
            entries.remove(key);
            entries.put(key, entry);
        }
    }

    /** Whether the client does not know this answer yet. */
    boolean isNews(FetchTarget target, FetchResponse.Partition answer) {
        Entry entry = entries.get(key(target));
        return entry == null
                || PendingFetch.size(answer) > 0
                || answer.errorCode().isError()
                || !answer.divergingEpoch().equals(FetchResponse.EpochEndOffset.NONE)
                || answer.highWatermark() != entry.sentHighWatermark
                || answer.logStartOffset() != entry.sentLogStartOffset;
    }

    private static Key key(FetchTarget target) {
        return new Key(target.topic(), target.topicId(), target.asked().partition());
    }
}
