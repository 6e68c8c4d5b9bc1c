package io.millrace.server;

import io.millrace.metadata.DestinationKind;
import io.millrace.metadata.TopicImage;
import io.millrace.replication.LogKind;
import io.millrace.server.request.TopicRulesCache;
import io.millrace.storage.FlushPolicy;
import io.millrace.storage.LogConfiguration;
import io.millrace.storage.compaction.CompactionConfiguration;
import java.util.stream.IntStream;

/** What a destination's configuration means for its logs. Thread-safe. */
record LogRules(TopicRulesCache rules) {
    /** A queue's records leave when they are acknowledged, its cursors when they are checkpointed; never by age. */
    private static final int CURSOR_SEGMENT_BYTES = 16 * 1024 * 1024;

    private static final String INTERNAL_PREFIX = "__";

    LogConfiguration of(TopicImage topic, LogKind kind) {
        LogConfiguration configured = rules.of(topic).log().withFlushPolicy(flushPolicy(topic));
        if (topic.kind() == DestinationKind.TOPIC && kind == LogKind.DATA) {
            return configured;
        }
        var everlasting = configured
                .withRetention(LogConfiguration.UNLIMITED, LogConfiguration.UNLIMITED)
                .withCompaction(CompactionConfiguration.OFF);
        return kind == LogKind.DATA ? everlasting : everlasting.withSegmentBytes(CURSOR_SEGMENT_BYTES);
    }

    /** {@code flush.policy}, or what is right where nobody has chosen one: the journal for whatever a Kafka client would not replicate. */
    FlushPolicy flushPolicy(TopicImage topic) {
        return rules.of(topic)
                .flushPolicy()
                .orElseGet(() -> topic.kind() == DestinationKind.QUEUE
                                || topic.name().startsWith(INTERNAL_PREFIX)
                                || isAlone(topic)
                        ? FlushPolicy.JOURNAL
                        : FlushPolicy.OS);
    }

    /** Whether a partition of the topic has no second replica. */
    private static boolean isAlone(TopicImage topic) {
        return IntStream.range(0, topic.partitionCount())
                .anyMatch(partition -> topic.replicationFactor(partition) == 1);
    }
}
