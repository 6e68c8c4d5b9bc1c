package io.millrace.metadata;

import java.util.OptionalLong;

/**
 * How the process before this one has ended, as far as this one can tell (KIP-966).
 *
 * @param harmless whether nothing that was written can be missing, however it ended
 * @param cleanEpoch the broker epoch that the mark of a clean shutdown names, if there is a mark
 */
public record LastShutdown(boolean harmless, OptionalLong cleanEpoch) {
    /** The machine has kept what was written, for example because it has not been down since. */
    public static final LastShutdown HARMLESS = new LastShutdown(true, OptionalLong.empty());

    /** There is a mark if {@code cleanEpoch} is not empty; otherwise the power may have failed. */
    public static LastShutdown marked(OptionalLong cleanEpoch) {
        return new LastShutdown(false, cleanEpoch);
    }

    /**
     * Whether records may be missing.
     *
     * @param latestEpoch of all registrations that the broker id ever had; empty when this is the first one, so that nothing can be missing
     */
    public boolean isUnclean(OptionalLong latestEpoch) {
        return !harmless && latestEpoch.isPresent() && !latestEpoch.equals(cleanEpoch);
    }
}
