package io.millrace.server.request;

import io.millrace.protocol.message.AlterPartitionReassignmentsRequest;
import io.millrace.protocol.message.AlterPartitionReassignmentsResponse;
import io.millrace.protocol.message.ElectLeadersRequest;
import io.millrace.protocol.message.ElectLeadersResponse;
import io.millrace.protocol.message.MovePartitionsRequest;
import io.millrace.protocol.message.MovePartitionsResponse;
import java.util.concurrent.CompletableFuture;

/**
 * The way to the controller for changes of where partitions live and who leads them, wherever it is. Thread-safe; never blocks. Errors are
 * part of the responses, which come within the requests' timeouts.
 */
public interface PartitionAdministration {
    /** @param mayForward whether another broker may be asked; not for a request that was forwarded already */
    CompletableFuture<AlterPartitionReassignmentsResponse> reassign(
            AlterPartitionReassignmentsRequest request, boolean mayForward);

    /** As {@link #reassign}. */
    CompletableFuture<MovePartitionsResponse> move(MovePartitionsRequest request, boolean mayForward);

    /** As {@link #reassign}. */
    CompletableFuture<ElectLeadersResponse> elect(ElectLeadersRequest request, boolean mayForward);
}
