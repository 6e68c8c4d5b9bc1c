package io.millrace.storage;

/**
 * The bounds of a {@link Journal}.
 *
 * @param fileBytes {@code journal.file.bytes}: a file of the journal is not written beyond this size
 * @param filesMax {@code journal.files.max}: when so many are full, appends wait until the logs of the oldest are on the medium
 * @param bypassBytes {@code journal.bypass.bytes}: a larger append is forced in its own segment instead
 * @param bufferBytes what may wait for one round; appends beyond it are forced in their own segments
 */
public record JournalConfiguration(int fileBytes, int filesMax, int bypassBytes, int bufferBytes) {

    public static final JournalConfiguration DEFAULT =
            new JournalConfiguration(64 * 1024 * 1024, 8, 64 * 1024, 8 * 1024 * 1024);

    private static final int FILES_LEAST = 2;

    public JournalConfiguration {
        requireAtLeast("the bytes that may wait for the journal", bufferBytes, 1);
        requireAtLeast("journal.file.bytes", fileBytes, 2 * bufferBytes);
        requireAtLeast("journal.files.max", filesMax, FILES_LEAST);
        requireAtLeast("journal.bypass.bytes", bypassBytes, 0);
    }

    private static void requireAtLeast(String what, int value, int min) {
        if (value < min) {
            throw new IllegalArgumentException(what + " is " + value + "; it must be at least " + min);
        }
    }
}
