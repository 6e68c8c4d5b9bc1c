package io.millrace.coordinator.group;

import io.millrace.protocol.ErrorCode;

/**
 * What became of the wish to delete a group.
 *
 * @param isPartial whether the group had too many offsets to have them all forgotten by one batch of records: it is to be asked for again, once these are
 *     committed
 */
public record GroupDeletion(ErrorCode error, boolean isPartial) {
    /** Nothing was deleted, or all. */
    public static GroupDeletion of(ErrorCode error) {
        return new GroupDeletion(error, false);
    }
}
