package io.millrace.storage;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.OptionalLong;

/** The names of the files of one log. Immutable. */
record LogFiles(Disk disk, Path directory) {

    static final String LOG = ".log";
    static final String INDEX = ".index";
    static final String SNAPSHOT = ".snapshot";

    /** Behind the name of a file that a cleaning is writing: worth nothing after a crash. */
    static final String CLEANED = ".cleaned";

    /** What a cleaning wrote and is being put in the place of what it was made of. */
    static final String SWAP = LOG + ".swap";

    /** Behind the name of a directory: to be removed, whatever is in it. */
    static final String DELETED = ".deleted";

    /** Behind the name of a directory: another one with the same log is used. Kept for people, who may remove it. */
    static final String SUPERSEDED = ".superseded";

    private static final int DIGITS = 20;

    Path log(long baseOffset) {
        return named(baseOffset, LOG);
    }

    Path index(long baseOffset) {
        return named(baseOffset, INDEX);
    }

    Path snapshot(long offset) {
        return named(offset, SNAPSHOT);
    }

    Path cleaned(long baseOffset) {
        return named(baseOffset, LOG + CLEANED);
    }

    Path cleanedIndex(long baseOffset) {
        return named(baseOffset, INDEX + CLEANED);
    }

    Path swap(long baseOffset) {
        return named(baseOffset, SWAP);
    }

    Path cleanerCheckpoint() {
        return directory.resolve("cleaner.checkpoint");
    }

    Path checkpoint() {
        return directory.resolve("log.checkpoint");
    }

    Path leaderEpochs() {
        return directory.resolve("leader-epoch.checkpoint");
    }

    /** Holds the reason why the log may lack what it acknowledged. */
    Path suspicion() {
        return directory.resolve("suspect");
    }

    /** Has everybody who opens the log refused until it is repaired. */
    void suspect(String why) {
        disk.createDirectory(directory);
        disk.replace(suspicion(), why.getBytes(StandardCharsets.UTF_8), true);
    }

    private Path named(long offset, String suffix) {
        String digits = Long.toString(offset);
        return directory.resolve("0".repeat(DIGITS - digits.length()) + digits + suffix);
    }

    /** The offset in a file name with the suffix; empty for any other name. */
    static OptionalLong offsetIn(String name, String suffix) {
        if (name.length() != DIGITS + suffix.length() || !name.endsWith(suffix)) {
            return OptionalLong.empty();
        }
        for (int i = 0; i < DIGITS; i++) {
            if (name.charAt(i) < '0' || name.charAt(i) > '9') {
                return OptionalLong.empty();
            }
        }
        try {
            return OptionalLong.of(Long.parseLong(name.substring(0, DIGITS)));
        } catch (NumberFormatException tooLarge) {
            return OptionalLong.empty();
        }
    }
}
