package io.millrace.benchmarks;

import io.millrace.record.Compression;
import io.millrace.record.RecordBatch;
import io.millrace.record.RecordBatchBuilder;
import io.millrace.storage.DurabilityListener;
import io.millrace.storage.FileDisk;
import io.millrace.storage.FlushPolicy;
import io.millrace.storage.Journal;
import io.millrace.storage.JournalConfiguration;
import io.millrace.storage.JournalContents;
import io.millrace.storage.LogConfiguration;
import io.millrace.storage.LogDirectories;
import io.millrace.storage.LogDirectoriesConfiguration;
import io.millrace.storage.LogDirectory;
import io.millrace.storage.LogId;
import io.millrace.storage.PartitionLog;
import io.millrace.storage.StorageException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Synchronous sends to many one-partition logs that share a journal: how many are acknowledged, and how often the medium is forced.
 *
 * <p>Arguments: a folder on the disk to measure, seconds per row.
 */
public final class JournalBenchmark {
    private static final int SENDERS = 32;
    private static final int VALUE_BYTES = 1024;
    private static final int[] LOGS = {1, 100, 1_000};
    private static final PrintStream OUT =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

    private final Path folder;
    private final int seconds;

    private JournalBenchmark(Path folder, int seconds) {
        this.folder = folder;
        this.seconds = seconds;
    }

    public static void main(String[] arguments) throws Exception {
        var benchmark = new JournalBenchmark(Path.of(arguments[0]), Integer.parseInt(arguments[1]));
        OUT.printf(
                Locale.ROOT,
                "%d senders, each waiting for its acknowledgement; values of %d bytes%n",
                SENDERS,
                VALUE_BYTES);
        OUT.printf(Locale.ROOT, "%8s %14s %10s %14s%n", "logs", "sends/s", "fsyncs/s", "sends/fsync");
        benchmark.run(LOGS[0]); // warms up
        for (int logs : LOGS) {
            OUT.println(benchmark.run(logs));
        }
    }

    /** A log, and the senders that wait for it. */
    private static final class OneLog implements DurabilityListener {
        private static final long LOOK_AGAIN_MS = 100;

        private final PartitionLog log;

        OneLog(PartitionLog log) {
            this.log = log;
            log.listen(this);
        }

        @Override
        public synchronized void onDurable() {
            notifyAll();
        }

        @Override
        public void onFailed(StorageException failure) {
            throw failure;
        }

        synchronized void send(ByteBuf batch) throws Exception {
            log.appendAsLeader(batch, 0);
            long end = log.logEndOffset();
            while (log.durableEndOffset() < end) {
                wait(LOOK_AGAIN_MS);
            }
        }
    }

    private String run(int count) throws Exception {
        Path root = Files.createTempDirectory(folder, "journal-benchmark");
        ExecutorService rounds = Executors.newSingleThreadExecutor();
        ExecutorService freeing = Executors.newSingleThreadExecutor();
        var disk = new FileDisk();
        try (var directories = LogDirectories.open(
                disk,
                LogDirectoriesConfiguration.of(root),
                new LogDirectory.Identity("benchmark", 1),
                InstantSource.system())) {
            Path journalFolder = root.resolve("journal");
            var contents = JournalContents.read(disk, journalFolder);
            var journal = Journal.open(disk, journalFolder, JournalConfiguration.DEFAULT, contents, rounds, freeing);
            directories.use(journal, contents);
            List<OneLog> logs = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                var id = new LogId(new UUID(0, i), 0, LogId.Kind.DATA);
                logs.add(new OneLog(directories.create(
                        id, "log" + i, LogConfiguration.DEFAULT.withFlushPolicy(FlushPolicy.JOURNAL))));
            }
            return measure(logs, journal);
        } finally {
            rounds.shutdown();
            freeing.shutdown();
            rounds.awaitTermination(1, TimeUnit.MINUTES);
            delete(root);
        }
    }

    private String measure(List<OneLog> logs, Journal journal) throws Exception {
        var sent = new AtomicLong();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        long roundsBefore = journal.forcedRounds();
        ExecutorService senders = Executors.newFixedThreadPool(SENDERS);
        for (int sender = 0; sender < SENDERS; sender++) {
            int first = sender;
            senders.submit(() -> {
                for (int i = first; System.nanoTime() < deadline; i += SENDERS) {
                    logs.get(i % logs.size()).send(batch());
                    sent.incrementAndGet();
                }
                return null;
            });
        }
        senders.shutdown();
        if (!senders.awaitTermination(2L * seconds, TimeUnit.SECONDS)) {
            throw new IllegalStateException("The senders did not end within " + 2L * seconds + " s");
        }
        double forced = journal.forcedRounds() - roundsBefore;
        return String.format(
                Locale.ROOT,
                "%8d %14.0f %10.0f %14.1f",
                logs.size(),
                (double) sent.get() / seconds,
                forced / seconds,
                sent.get() / forced);
    }

    private static ByteBuf batch() {
        try (var builder =
                new RecordBatchBuilder(new UnpooledByteBufAllocator(false), Compression.NONE, Integer.MAX_VALUE)) {
            builder.tryAppend(1, null, Unpooled.wrappedBuffer(new byte[VALUE_BYTES]), List.of());
            return builder.build(RecordBatch.NO_PRODUCER_ID, (short) -1, RecordBatch.NO_SEQUENCE, false);
        }
    }

    private static void delete(Path root) {
        try (var paths = Files.walk(root)) {
            paths.sorted(Comparator.reverseOrder())
                    .forEach(path -> path.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
