package io.millrace.storage;

/**
 * What an open log is made of, for the classes that change it together. Each part says which threads may use it.
 *
 * @param files where it lies
 * @param names whether names in its directory have changed
 * @param segments its batches
 * @param epochs which leader's they are
 * @param offsets how far they reach
 * @param checkpoints what the next life is told of that
 * @param failStop whether it may still change
 */
record LogState(
        LogFiles files,
        NamesWatch names,
        Segments segments,
        LeaderEpochs epochs,
        LogOffsets offsets,
        CheckpointWriter checkpoints,
        FailStop failStop) {

    static LogState of(LogFiles files, NamesWatch names, LoadedLog loaded) {
        LogOffsets offsets = new LogOffsets(
                loaded.logStartOffset(),
                loaded.highWatermark(),
                loaded.recoveryPoint(),
                loaded.logEndOffset(),
                loaded.settledSerial());
        return new LogState(
                files,
                names,
                new Segments(loaded.segments()),
                loaded.epochs(),
                offsets,
                new CheckpointWriter(files, offsets, loaded.clean()),
                new FailStop(files.directory()));
    }
}
