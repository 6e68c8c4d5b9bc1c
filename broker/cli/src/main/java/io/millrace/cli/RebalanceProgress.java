package io.millrace.cli;

import io.millrace.cli.rebalance.RebalanceRun.Progress;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;

/** Shows how far a rebalance has come: a bar that moves on a terminal, else a line now and then, or JSON. Owned by one thread. */
final class RebalanceProgress {
    private static final int BAR_WIDTH = 30;
    private static final Duration LINE_EVERY = Duration.ofSeconds(5);

    /** How to show it. */
    enum Style {
        BAR,
        LINES,
        JSON
    }

    private final PrintWriter out;
    private final Style style;
    private Duration lastShown = LINE_EVERY.negated();
    private int lastDone;

    RebalanceProgress(PrintWriter out, Style style) {
        this.out = out;
        this.style = style;
    }

    void show(Progress progress) {
        boolean isNews = progress.partitionsDone() != lastDone
                || progress.elapsed().minus(lastShown).compareTo(LINE_EVERY) >= 0;
        if (style == Style.BAR) {
            out.print("\r" + bar(progress) + " " + text(progress) + "   ");
            out.flush();
        } else if (isNews) {
            lastDone = progress.partitionsDone();
            lastShown = progress.elapsed();
            print(progress);
        }
    }

    private void print(Progress progress) {
        if (style == Style.JSON) {
            var json = new LinkedHashMap<String, Object>();
            json.put("partitionsDone", progress.partitionsDone());
            json.put("partitions", progress.partitionsTotal());
            json.put("bytesDone", progress.bytesDone());
            json.put("bytes", progress.bytesTotal());
            json.put("elapsedMs", progress.elapsed().toMillis());
            JsonOutput.print(out, json);
        } else {
            out.println(text(progress));
        }
        out.flush();
    }

    /** Ends the line of the bar. */
    void end() {
        if (style == Style.BAR) {
            out.println();
            out.flush();
        }
    }

    private static double share(Progress progress) {
        return progress.bytesTotal() > 0
                ? (double) progress.bytesDone() / progress.bytesTotal()
                : (double) progress.partitionsDone() / Math.max(1, progress.partitionsTotal());
    }

    private static String bar(Progress progress) {
        int full = (int) (share(progress) * BAR_WIDTH);
        return "[" + "#".repeat(full) + ".".repeat(BAR_WIDTH - full) + "]";
    }

    static String text(Progress progress) {
        double seconds = Math.max(0.001, progress.elapsed().toMillis() / 1_000.0);
        double rate = progress.bytesDone() / seconds;
        long left = progress.bytesTotal() - progress.bytesDone();
        String timeLeft = left == 0 || rate < 1 ? "" : ", " + clock((long) (left / rate)) + " left";
        return String.format(
                Locale.ROOT,
                "%3d %%, %d of %d partitions, %s of %s, %s/s%s",
                (int) (share(progress) * 100),
                progress.partitionsDone(),
                progress.partitionsTotal(),
                ByteRate.text(progress.bytesDone()),
                ByteRate.text(progress.bytesTotal()),
                ByteRate.text((long) rate),
                timeLeft);
    }

    private static String clock(long seconds) {
        return String.format(Locale.ROOT, "%d:%02d:%02d", seconds / 3_600, seconds / 60 % 60, seconds % 60);
    }
}
