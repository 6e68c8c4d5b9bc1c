package io.millrace.server.request;

import io.millrace.protocol.message.CreateTopicsRequest;
import io.millrace.protocol.message.CreateTopicsResponse;
import io.millrace.protocol.message.DeleteTopicsRequest;
import io.millrace.protocol.message.DeleteTopicsResponse;
import java.util.concurrent.CompletableFuture;

/** The way to the controller for changes of topics, wherever it is. Thread-safe; never blocks. */
public interface TopicAdministration {
    /**
     * Creates topics.
     *
     * @param mayForward whether another broker may be asked; not for a request that was forwarded already
     * @return errors are part of the response; completed within the request's timeout
     */
    CompletableFuture<CreateTopicsResponse> create(CreateTopicsRequest request, boolean mayForward);

    /** Deletes topics, as {@link #create} creates them. */
    CompletableFuture<DeleteTopicsResponse> delete(DeleteTopicsRequest request, boolean mayForward);
}
