package io.millrace.coordinator.queue;

import java.util.Arrays;

/** A block whose members are few runs: sorted, disjoint, not adjacent; the first and last offset of each. */
final class RunBlock implements OffsetBlock {
    /** With more runs than this the bitmap is smaller, and faster to change. */
    private static final int RUNS_MAX = BitmapBlock.BYTES / 4 / 2;

    private static final int INITIAL_RUNS = 4;

    private char[] bounds = new char[2 * INITIAL_RUNS];
    private int runs;

    @Override
    public OffsetBlock add(int first, int last) {
        int from = firstRunEndingAtOrAfter(first - 1);
        int until = from;
        int mergedFirst = first;
        int mergedLast = last;
        while (until < runs && firstOf(until) <= last + 1) {
            mergedFirst = Math.min(mergedFirst, firstOf(until));
            mergedLast = Math.max(mergedLast, lastOf(until));
            until++;
        }
        replace(from, until, mergedFirst, mergedLast);
        if (runs == 1 && mergedFirst == 0 && mergedLast == SIZE - 1) {
            return Full.INSTANCE;
        }
        return runs > RUNS_MAX ? asBitmap() : this;
    }

    /** Puts one run in the place of the runs {@code from} (included) to {@code until} (excluded). */
    private void replace(int from, int until, int first, int last) {
        makeRoom(from, until, 1);
        setRun(from, first, last);
    }

    /** Puts so many runs, yet to be set, in the place of the runs {@code from} (included) to {@code until} (excluded). */
    private void makeRoom(int from, int until, int count) {
        int newRuns = runs - (until - from) + count;
        if (2 * newRuns > bounds.length) {
            bounds = Arrays.copyOf(bounds, 2 * bounds.length);
        }
        System.arraycopy(bounds, 2 * until, bounds, 2 * (from + count), 2 * (runs - until));
        runs = newRuns;
    }

    private void setRun(int run, int first, int last) {
        bounds[2 * run] = (char) first;
        bounds[2 * run + 1] = (char) last;
    }

    @Override
    public OffsetBlock remove(int first, int last) {
        int from = firstRunEndingAtOrAfter(first);
        int until = from;
        while (until < runs && firstOf(until) <= last) {
            until++;
        }
        if (from == until) {
            return this;
        }
        int headFirst = firstOf(from);
        int tailLast = lastOf(until - 1);
        int head = headFirst < first ? 1 : 0;
        int tail = tailLast > last ? 1 : 0;
        makeRoom(from, until, head + tail);
        if (head > 0) {
            setRun(from, headFirst, first - 1);
        }
        if (tail > 0) {
            setRun(from + head, last + 1, tailLast);
        }
        return runs > RUNS_MAX ? asBitmap() : this;
    }

    private OffsetBlock asBitmap() {
        OffsetBlock bitmap = new BitmapBlock();
        for (int run = 0; run < runs; run++) {
            bitmap = bitmap.add(firstOf(run), lastOf(run));
        }
        return bitmap;
    }

    @Override
    public int nextMember(int from) {
        int run = firstRunEndingAtOrAfter(from);
        return run == runs ? SIZE : Math.max(from, firstOf(run));
    }

    @Override
    public int nextGap(int from) {
        int run = firstRunEndingAtOrAfter(from);
        return run == runs || firstOf(run) > from ? from : lastOf(run) + 1;
    }

    @Override
    public int sizeInBytes() {
        return 2 * bounds.length;
    }

    private int firstRunEndingAtOrAfter(int offset) {
        int low = 0;
        int high = runs;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (lastOf(middle) < offset) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private int firstOf(int run) {
        return bounds[2 * run];
    }

    private int lastOf(int run) {
        return bounds[2 * run + 1];
    }
}
