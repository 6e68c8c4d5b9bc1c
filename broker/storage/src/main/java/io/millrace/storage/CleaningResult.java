package io.millrace.storage;

/**
 * What one cleaning did.
 *
 * @param complete whether it came to its end; otherwise the log changed under it
 * @param cleanedBelow where the part begins that is still dirty
 */
public record CleaningResult(
        boolean complete,
        long cleanedBelow,
        long bytesBefore,
        long bytesAfter,
        long recordsBefore,
        long recordsAfter,
        long nextHorizonMs) {}
