package io.millrace.storage;

import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalLong;

/** The names of the files of one log. Immutable. */
record LogFiles(Disk disk, Path directory) {

    static final String LOG = ".log";
    static final String INDEX = ".index";
    static final String SNAPSHOT = ".snapshot";

    /** Behind the name of a directory: to be removed, whatever is in it. */
    static final String DELETED = ".deleted";

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

    Path checkpoint() {
        return directory.resolve("log.checkpoint");
    }

    Path leaderEpochs() {
        return directory.resolve("leader-epoch.checkpoint");
    }

    private Path named(long offset, String suffix) {
        return directory.resolve(String.format(Locale.ROOT, "%0" + DIGITS + "d", offset) + suffix);
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
