package io.millrace.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.UUID;

/** Logs with a journal on a disk in memory, whose rounds run when the test says so. */
final class JournaledLogs {

    static final Path ROOT = Path.of("/logs");
    static final Path JOURNAL = Path.of("/journal");
    static final LogConfiguration JOURNALED = LogConfiguration.DEFAULT.withFlushPolicy(FlushPolicy.JOURNAL);
    private static final JournalConfiguration SMALL = new JournalConfiguration(20_000, 3, 1_000, 10_000);

    private final InMemoryDisk disk = new InMemoryDisk();
    private final ManualTime clock = new ManualTime(10_000);
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private LogDirectories directories;
    private Journal journal;

    JournaledLogs() {
        open();
    }

    /** Begins the next life of the broker. */
    void open() {
        var opened = LogDirectories.open(
                disk, LogDirectoriesConfiguration.of(ROOT), new LogDirectory.Identity("cluster", 1), clock);
        JournalContents contents = JournalContents.read(disk, JOURNAL);
        tasks.clear();
        journal = Journal.open(disk, JOURNAL, SMALL, contents, tasks::add, tasks::add);
        opened.use(journal, contents);
        opened.recover(id -> JOURNALED);
        directories = opened;
    }

    InMemoryDisk disk() {
        return disk;
    }

    LogDirectories directories() {
        return directories;
    }

    Journal journal() {
        return journal;
    }

    PartitionLog log(int number) {
        return directories.create(id(number), "topic", JOURNALED);
    }

    LogId id(int number) {
        return new LogId(new UUID(0, number), 0, LogId.Kind.DATA);
    }

    void runAll() {
        while (!tasks.isEmpty()) {
            tasks.poll().run();
        }
    }

    /** The loss of power, and the next life. */
    void losePower() {
        disk.losePower();
        open();
    }

    /** The only file of the journal. */
    Path file() {
        List<String> names = disk.list(JOURNAL).stream()
                .filter(name -> name.endsWith(JournalFile.JOURNAL))
                .toList();
        assertThat(names).hasSize(1);
        return JOURNAL.resolve(names.get(0));
    }

    void flip(Path file, int position) {
        byte[] bytes = disk.read(file);
        bytes[position] ^= 1;
        disk.replace(file, bytes, true);
    }

    /** Where a text lies in the journal. */
    int positionOf(String text) {
        String contents = new String(disk.read(file()), StandardCharsets.ISO_8859_1);
        assertThat(contents).contains(text);
        return contents.indexOf(text);
    }
}
