package io.millrace.server.queue;

import io.millrace.protocol.ErrorCode;
import io.millrace.protocol.message.QueueBrowseRequest;
import io.millrace.protocol.message.QueueBrowseResponse;
import io.millrace.replication.PartitionKey;
import io.millrace.selector.InvalidSelectorSyntaxException;
import io.millrace.server.request.ClusterView;
import io.millrace.server.request.RequestContext;
import io.millrace.server.request.RequestHandler;
import java.util.concurrent.CompletableFuture;

/**
 * Shows records of a partition that are not acknowledged, and acquires nothing.
 *
 * <p>Errors: INVALID_REQUEST for what is no queue, for a subscription, of which queues have none but their own, for a negative offset, and, with why, for what is no selector;
 * UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER_OR_FOLLOWER; LEADER_NOT_AVAILABLE while the leader restores what is
 * acknowledged; KAFKA_STORAGE_ERROR and CORRUPT_MESSAGE where its logs cannot be read.
 */
final class QueueBrowseHandler implements RequestHandler<QueueBrowseRequest> {
    private final QueueDispatchers dispatchers;
    private final ClusterView cluster;

    QueueBrowseHandler(QueueDispatchers dispatchers, ClusterView cluster) {
        this.dispatchers = dispatchers;
        this.cluster = cluster;
    }

    @Override
    public CompletableFuture<QueueBrowseResponse> handle(RequestContext context, QueueBrowseRequest request) {
        QueueSession session = dispatchers.session(context);
        session.endWaits();
        try {
            return handle(request, session.selector(request.selector()));
        } catch (InvalidSelectorSyntaxException e) {
            return CompletableFuture.completedFuture(
                    request.errorResponse(ErrorCode.INVALID_REQUEST).because(e.getMessage()));
        }
    }

    private CompletableFuture<QueueBrowseResponse> handle(QueueBrowseRequest request, String selector) {
        var key = new PartitionKey(request.topicId(), request.partitionIndex());
        var target = new QueuePartitions(dispatchers, cluster.image()).target(key, request.subscription());
        if (target.dispatcher().isEmpty() || request.fromOffset() < 0) {
            ErrorCode error = target.errorCode().isError() ? target.errorCode() : ErrorCode.INVALID_REQUEST;
            return CompletableFuture.completedFuture(response(QueueBrowse.Page.refused(error)));
        }
        var browse = new QueueBrowse(request.subscription(), request.fromOffset(), request.maxBytes(), selector);
        return target.dispatcher().get().browse(browse).thenApply(QueueBrowseHandler::response);
    }

    private static QueueBrowseResponse response(QueueBrowse.Page page) {
        return new QueueBrowseResponse(
                0,
                page.errorCode(),
                page.nextOffset(),
                page.endOffset(),
                page.records(),
                page.ranges().stream()
                        .map(range -> new QueueBrowseResponse.Range(range.first(), range.last()))
                        .toList());
    }
}
