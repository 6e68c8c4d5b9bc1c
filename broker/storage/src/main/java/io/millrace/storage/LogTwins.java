package io.millrace.storage;

import static java.lang.System.Logger.Level.ERROR;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Settles which log counts where the same one lies in several directories: a disk was away while its logs were begun anew elsewhere, or
 * somebody has copied them. Used once, at the start, before logs are opened.
 *
 * <p>The one that reaches furthest is used and the others are put aside. Where more than one holds records, nothing tells which of them has
 * all that was committed; the one that is used is then suspect: its replica may not lead before it has caught up with others.
 */
final class LogTwins {

    private static final System.Logger LOGGER = System.getLogger(LogTwins.class.getName());

    private final List<LogDirectory> directories;
    private final Set<LogId> journaled;

    /** @param journaled the logs of which a journal tells, without saying where they were */
    LogTwins(List<LogDirectory> directories, Set<LogId> journaled) {
        this.directories = directories;
        this.journaled = journaled;
    }

    void settleAll() {
        Set<LogId> seen = new LinkedHashSet<>();
        Set<LogId> twins = new LinkedHashSet<>();
        for (LogDirectory directory : directories) {
            for (LogId id : directory.found()) {
                if (!seen.add(id)) {
                    twins.add(id);
                }
            }
        }
        twins.forEach(this::settle);
    }

    /** A directory that fails meanwhile leaves the others as they are until the next start; the first of them is offline or suspect by then. */
    private void settle(LogId id) {
        List<LogDirectory> holders =
                directories.stream().filter(each -> each.holds(id)).toList();
        try {
            List<LogDirectory> furthestFirst = furthestFirst(id, holders);
            String why = "The log " + id + " lies in "
                    + holders.stream().map(LogDirectory::root).toList() + "; the one in "
                    + furthestFirst.get(0).root() + ", which reaches furthest, is used";
            boolean isCertain = furthestFirst.get(1).reach(id).isNothing() && !journaled.contains(id);
            if (!isCertain) {
                holders.forEach(each -> each.suspect(id, why));
            }
            List<Path> aside = furthestFirst.stream()
                    .skip(1)
                    .map(each -> each.putAside(id))
                    .toList();
            LOGGER.log(ERROR, () -> why + ". Remove " + aside + " when it is not missed");
        } catch (LogDirectoryOfflineException e) {
            LOGGER.log(
                    ERROR,
                    () -> "The log " + id + " lies in several directories, and which one counts stays open"
                            + " until the next start: " + e.getMessage());
        }
    }

    private static List<LogDirectory> furthestFirst(LogId id, List<LogDirectory> holders) {
        List<LogDirectory> sorted = new ArrayList<>(holders);
        sorted.sort(Comparator.comparing((LogDirectory each) -> each.reach(id)).reversed());
        return sorted;
    }
}
