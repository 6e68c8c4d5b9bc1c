package io.millrace.replication;

import io.millrace.metadata.PartitionState;
import io.millrace.protocol.ErrorCode;
import java.util.Optional;

/**
 * The controller's answer.
 *
 * @param state the partition's state as committed by the controller, also where the wish was refused because of it
 */
public record InSyncReplicasChangeResult(ErrorCode errorCode, Optional<PartitionState> state) {
    public static InSyncReplicasChangeResult refused(ErrorCode errorCode) {
        return new InSyncReplicasChangeResult(errorCode, Optional.empty());
    }
}
