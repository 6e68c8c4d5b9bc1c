package io.millrace.replication;

import java.util.List;

/** What one seed decides, from beginning to end. Throws what it finds wrong. */
interface SimulatedRun {
    void run();

    /** What it was, in a line. */
    String summary();

    /** What happened, for a report. */
    List<String> trace();
}
