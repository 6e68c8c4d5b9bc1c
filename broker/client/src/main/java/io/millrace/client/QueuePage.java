package io.millrace.client;

import java.util.List;

/**
 * Some messages of a queue's partition that are not acknowledged, in the order of their offsets.
 *
 * @param messages none of them acquired: they cannot be settled, and how often they were delivered is not known
 * @param nextOffset where the next page begins
 * @param endOffset where the partition ended when this page was read
 */
public record QueuePage(List<QueueMessage> messages, long nextOffset, long endOffset) {}
